/** Ends the command with this exit code, after printing `message` when there is one. */
export class ExitError extends Error {
  readonly code: number

  constructor(code: number, message = '', options?: ErrorOptions) {
    super(message, options)
    this.name = 'ExitError'
    this.code = code
  }
}

/** The command line itself was wrong; shown with the usage of the command. */
export class UsageError extends Error {
  readonly code: number

  constructor(message: string, code = 125) {
    super(message)
    this.name = 'UsageError'
    this.code = code
  }
}

/** Prints each rejected result's message and fails with 1 when there was any. */
export function throwAll(errors: readonly unknown[]): void {
  if (errors.length > 0)
    throw new ExitError(1, errors.map(error => (error instanceof Error ? error.message : String(error))).join('\n'))
}
