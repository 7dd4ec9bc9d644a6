import { EngineError, type ErrorKind } from '../../base/errors.ts'
import type { Program } from '../runtime.ts'

interface Failure {
  /** what crun or runc says */
  readonly pattern: RegExp
  readonly kind: ErrorKind
  readonly text: (program: Program, match: RegExpExecArray) => string
}

const unable = 'unable to start container process: '
const inInit = `${unable}error during container init: `

// Clients take the exit codes 126 and 127 from these words, so every runtime must seem to say them.
const failures: readonly Failure[] = [
  {
    pattern: /oom_score_adj/, // "permission denied" there says nothing of the program
    kind: 'internal',
    text: (_, { input }) => inInit + input.replace(/: Permission denied/, ': operation not permitted'),
  },
  {
    pattern: /chdir.*no such file or directory/i,
    kind: 'invalid',
    text: ({ cwd }) => `${unable}chdir to cwd ("${cwd}") set in config.json failed: no such file or directory`,
  },
  {
    pattern: /chdir.*not a directory/i,
    kind: 'invalid',
    text: ({ cwd }) => `${unable}chdir to cwd ("${cwd}") set in config.json failed: not a directory`,
  },
  {
    pattern: /executable file .*not found|stat .*: no such file or directory/i,
    kind: 'invalid',
    text: ({ command }) =>
      command.includes('/')
        ? `${unable}exec: ${JSON.stringify(command)}: stat ${command}: no such file or directory`
        : `${unable}exec: ${JSON.stringify(command)}: executable file not found in $PATH`,
  },
  {
    pattern: /open executable|permission denied|is a directory/i,
    kind: 'invalid',
    text: ({ command }) =>
      `${unable}exec: ${JSON.stringify(command)}: ${command ? 'permission denied' : 'executable file not found in $PATH'}`,
  },
  {
    pattern: /the sysctl `([^`]+)` requires a new network namespace/,
    kind: 'invalid',
    text: (_, [, name]) => `sysctl "${name}" not allowed in host network namespace`,
  },
  {
    pattern: /the sysctl `([^`]+)` requires a new IPC namespace/,
    kind: 'invalid',
    text: (_, [, name]) => `sysctl "${name}" is not allowed in the hosts ipc namespace`,
  },
  {
    pattern: /open (\/proc\/sys\/\S+): no such file or directory/i,
    kind: 'invalid',
    text: (_, [, path]) => `${unable}error during container init: open ${path}: no such file or directory`,
  },
  {
    pattern: /not a directory/i,
    kind: 'invalid',
    text: (_, { input }) =>
      `${unable}${input}: Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type`,
  },
]

const prefixes = {
  create:
    'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: ',
  exec: 'OCI runtime exec failed: exec failed: ',
} as const

/** What went wrong at the start of a process, in the words that Docker's clients look for. */
export function toStartError(message: string, action: keyof typeof prefixes, program: Program): EngineError {
  if (!program.cwd.startsWith('/')) return new EngineError('invalid', `${prefixes[action]}Cwd must be an absolute path`)
  if (message.startsWith('failed to initialize logging driver'))
    return new EngineError('internal', `failed to create task for container: ${message}`)
  if (action === 'create' && /chdir.*not a directory/i.test(message))
    return new EngineError('internal', `Cannot mkdir: ${program.cwd} is not a directory`)
  const found = failures.map(failure => ({ failure, match: failure.pattern.exec(message) })).find(({ match }) => match)
  const text = found?.match ? found.failure.text(program, found.match) : unable + message
  return new EngineError(found?.failure.kind ?? 'internal', prefixes[action] + text)
}
