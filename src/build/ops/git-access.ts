import { EngineError } from '../../base/errors.ts'
import { agentSocket, type Lent } from './lent.ts'

/** What git needs to be let in; disposing takes it away. */
export interface GitAccess extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>
}

export const isSsh = (remote: string): boolean => /^(ssh:\/\/|(?![a-z+]+:\/\/)[\w.-]+@[^/:]+:)/.test(remote)

/**
 * Asks the client for what opens `remote`: a header or a token, for its host or for any, or an agent.
 * Secrets go to git by its environment: no command line, no file and no log has them.
 */
export async function openAccess(remote: string, lent: Lent): Promise<GitAccess> {
  await using undo = new AsyncDisposableStack()
  const env: Record<string, string> = {}
  if (isSsh(remote) && lent.agent) {
    if (!(await lent.agent.has('default')))
      throw new EngineError('invalid', 'no SSH key "default" forwarded from the client')
    env.SSH_AUTH_SOCK = await agentSocket(lent.agent, 'default', undo)
  }
  const header = /^https?:/.test(remote) && lent.secret ? await headerFor(remote, lent.secret) : undefined
  if (header !== undefined) {
    env.GIT_CONFIG_COUNT = '1'
    env.GIT_CONFIG_KEY_0 = `http.${scopeOf(remote)}.extraHeader`
    env.GIT_CONFIG_VALUE_0 = `Authorization: ${header}`
  }
  const kept = undo.move()
  return { env, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

async function headerFor(remote: string, secret: NonNullable<Lent['secret']>): Promise<string | undefined> {
  const { host } = new URL(remote)
  for (const suffix of [`.${host}`, '']) {
    const header = textOf(await secret(`GIT_AUTH_HEADER${suffix}`))
    if (header) return header
    const token = textOf(await secret(`GIT_AUTH_TOKEN${suffix}`))
    if (token) return `basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`
  }
  return undefined
}

const textOf = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('utf8').trim()

/** Where a token is sent: to this repository, and on GitHub to all of them, as BuildKit does. */
const scopeOf = (remote: string): string => /^https:\/\/(www\.)?github\.com\//.exec(remote)?.[0] ?? remote
