import { EngineError } from '../../base/errors.ts'

/** An error of the file's text, in Docker's words. */
export const parseError = (line: number, text: string): EngineError =>
  new EngineError('invalid', `dockerfile parse error on line ${line}: ${text}`)

/** What is wrong before an instruction is understood; Docker names the file then, not the line. */
export class TextError extends EngineError {
  constructor(message: string) {
    super('invalid', message)
  }
}
