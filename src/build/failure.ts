import { EngineError } from '../base/errors.ts'

/** A command of RUN that ended badly. */
export class CommandFailed extends EngineError {
  readonly exitCode: number

  constructor(command: readonly string[], exitCode: number) {
    super('internal', `The command '${command.join(' ')}' returned a non-zero code: ${exitCode}`)
    this.exitCode = exitCode
  }
}

export const needsBuildKit = (flag: string): EngineError =>
  new EngineError(
    'invalid',
    `the --${flag} option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn how to build images with BuildKit enabled`,
  )
