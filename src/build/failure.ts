import { EngineError } from '../base/errors.ts'

/** A command of RUN that ended badly. */
export class CommandFailed extends EngineError {
  readonly exitCode: number

  constructor(command: readonly string[], exitCode: number, dialect: 'classic' | 'buildkit') {
    const text = command.join(' ')
    super(
      'internal',
      dialect === 'classic'
        ? `The command '${text}' returned a non-zero code: ${exitCode}`
        : `process ${JSON.stringify(text)} did not complete successfully: exit code: ${exitCode}`,
    )
    this.exitCode = exitCode
  }
}

export const needsBuildKit = (flag: string): EngineError =>
  new EngineError(
    'invalid',
    `the --${flag} option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn how to build images with BuildKit enabled`,
  )
