import { EngineError, type ErrorKind } from '../../base/errors.ts'

interface Failure {
  /** what the runtime says */
  readonly pattern: RegExp
  readonly kind: ErrorKind
  readonly text: (match: RegExpExecArray) => string
}

const init = 'runc create failed: unable to start container process: error during container init: '

// Clients take the exit codes 126 and 127 from these words, so every runtime must seem to say them.
const failures: readonly Failure[] = [
  {
    pattern: /executable file [`"']?([^`"']*?)[`"']? not found(?: in \$PATH)?/,
    kind: 'invalid',
    text: ([, name]) =>
      name!.includes('/')
        ? `exec: "${name}": stat ${name}: no such file or directory`
        : `exec: "${name}": executable file not found in $PATH`,
  },
  {
    pattern:
      /(?:exec: )?[`"]([^`"]+)[`"]: (?:stat \S+: )?(no such file or directory|permission denied|is a directory)/i,
    kind: 'invalid',
    text: ([, name, why]) =>
      `exec: "${name}": ${why!.toLowerCase() === 'no such file or directory' ? `stat ${name}: ` : ''}${why!.toLowerCase()}`,
  },
  { pattern: /permission denied/i, kind: 'invalid', text: () => 'exec: permission denied' },
  {
    pattern: /not a directory/i,
    kind: 'invalid',
    text: ({ input }) =>
      `${input}: Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type`,
  },
]

/** What went wrong at the start of a process, in the words that Docker's clients look for. */
export function toStartError(message: string, action: 'create' | 'exec'): EngineError {
  const found = failures.map(failure => ({ failure, match: failure.pattern.exec(message) })).find(({ match }) => match)
  const kind = found?.failure.kind ?? 'internal'
  const text = found?.match ? found.failure.text(found.match) : message
  if (action === 'exec') {
    return new EngineError(
      kind,
      `OCI runtime exec failed: exec failed: unable to start container process: ${text}: unknown`,
    )
  }
  return new EngineError(
    kind,
    `failed to create task for container: failed to create shim task: OCI runtime create failed: ${init}${text}: unknown`,
  )
}
