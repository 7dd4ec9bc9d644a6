import { EngineError } from '../../base/errors.ts'

/** An error of the file's text, in Docker's words. */
export class ParseError extends EngineError {
  readonly line: number

  constructor(line: number, text: string) {
    super('invalid', `dockerfile parse error on line ${line}: ${text}`)
    this.line = line
  }
}

/** An instruction where there is no stage yet. */
export class NoStageError extends EngineError {
  readonly line: number

  constructor(line: number) {
    super('invalid', 'no build stage in current context')
    this.line = line
  }
}

export const parseError = (line: number, text: string): EngineError => new ParseError(line, text)

/** What is wrong before an instruction is understood; Docker names the file then, not the line. */
export class TextError extends EngineError {
  constructor(message: string) {
    super('invalid', message)
  }
}
