import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'

export interface Step {
  readonly wait: string
  readonly type?: string
  readonly look?: true
  readonly rows?: number
  readonly columns?: number
  readonly signal?: number
  /** seconds to rest before typing */
  readonly pause?: number
}

export interface Session {
  readonly code: number | null
  readonly out: string
  readonly before: readonly number[]
  readonly during: readonly number[] | null
  readonly after: readonly number[] | null
}

export const hasPython = spawnSync('python3', ['--version']).status === 0

/** Runs a program on a pseudo-terminal of 40 rows and 100 columns, typing when the awaited texts appear. */
export function onTerminal(args: readonly string[], steps: readonly Step[], env: NodeJS.ProcessEnv): Session {
  const script = join(import.meta.dirname, 'terminal.py')
  const text = execFileSync('python3', [script, JSON.stringify({ args, steps })], {
    env: { ...env, TERM: 'xterm' },
    encoding: 'utf8',
    timeout: 60_000,
  })
  return JSON.parse(text) as Session
}
