import { spawnSync } from 'node:child_process'
import { ExitError } from '../errors.ts'

// The protocol of docker-credential-helpers: a verb as argument, JSON or a server on standard input.

export interface HelperSecret {
  readonly ServerURL?: string
  readonly Username: string
  readonly Secret: string
}

const notFound = 'credentials not found in native keychain'

function call(helper: string, verb: string, input: string): string {
  const done = spawnSync(`docker-credential-${helper}`, [verb], { input, encoding: 'utf8' })
  const complaint = (done.stdout ?? '').trim() || (done.stderr ?? '').trim()
  if (done.error)
    throw new ExitError(
      1,
      `error getting credentials - err: exec: "docker-credential-${helper}": executable file not found in $PATH, out: \`\``,
    )
  if (done.status !== 0 && complaint !== notFound)
    throw new ExitError(1, `error getting credentials - err: exit status ${done.status}, out: \`${complaint}\``)
  return done.status === 0 ? done.stdout : ''
}

/** The secret for a server, undefined when the helper has none. */
export function helperGet(helper: string, server: string): HelperSecret | undefined {
  const text = call(helper, 'get', server)
  return text ? (JSON.parse(text) as HelperSecret) : undefined
}

export const helperStore = (helper: string, secret: HelperSecret): void =>
  void call(helper, 'store', JSON.stringify(secret))

export const helperErase = (helper: string, server: string): void => void call(helper, 'erase', server)

/** Servers that the helper knows. */
export function helperList(helper: string): readonly string[] {
  const text = call(helper, 'list', '')
  return text ? Object.keys(JSON.parse(text) as object) : []
}
