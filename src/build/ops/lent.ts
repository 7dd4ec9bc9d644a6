import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type Duplex, pipeline } from 'node:stream'

/** What a client lends to the steps of its build, and to those alone. */
export interface Lent {
  /** what the client keeps secret; undefined when it has no such thing */
  readonly secret?: ((id: string) => Promise<Uint8Array | undefined>) | undefined
  /** agents for ssh that the client lends */
  readonly agent?: { readonly has: (id: string) => Promise<boolean>; readonly open: (id: string) => Duplex } | undefined
}

/** A directory whose files never reach a disk. */
export function memoryDirectory(undo: AsyncDisposableStack): string {
  const parent = existsSync('/dev/shm') ? '/dev/shm' : '/run'
  const directory = mkdtempSync(join(parent, 'berth-build-'))
  undo.defer(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** The path of a socket that reaches the client's agent, for root alone. */
export async function agentSocket(
  agent: NonNullable<Lent['agent']>,
  id: string,
  undo: AsyncDisposableStack,
): Promise<string> {
  const path = join(memoryDirectory(undo), 'agent.sock')
  const server = createServer(socket => {
    const there = agent.open(id)
    pipeline(socket, there, () => {})
    pipeline(there, socket, () => {})
  })
  await new Promise<void>(resolve => server.listen(path, resolve))
  undo.defer(() => void server.close())
  chmodSync(path, 0o600)
  return path
}
