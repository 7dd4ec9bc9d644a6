import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ProxiedPort } from '../../spec/proxied-port.ts'
import type { Listener } from './listener.ts'
import { listenTcp } from './tcp.ts'
import { listenUdp } from './udp.ts'

const nameOf = ({ protocol, hostIp, hostPort }: ProxiedPort): string => `${protocol} ${hostIp} ${hostPort}`
const listen = (port: ProxiedPort): Promise<Listener> => (port.protocol === 'udp' ? listenUdp : listenTcp)(port)

/** Listeners for published ports that the kernel does not translate; they serve while the engine is away. */
export class Proxies {
  readonly #listeners = new Map<string, Map<string, Listener>>()

  /**
   * From now on the container has exactly these; a listener that stays is not closed in between.
   *
   * @param dir where the next supervisor finds them
   * @throws Error EADDRINUSE; then nothing has changed
   */
  async set(id: string, dir: string, ports: readonly ProxiedPort[]): Promise<void> {
    const before = this.#listeners.get(id) ?? new Map<string, Listener>()
    const after = await this.#open(before, ports)
    for (const [name, listener] of before) if (!after.has(name)) listener.close()
    this.#listeners.set(id, after)
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    writeFileSync(join(dir, 'proxies.json'), JSON.stringify(ports))
  }

  /** After a crash of the supervisor: the container lives, its listeners do not. */
  reopen(id: string, dir: string): void {
    try {
      const ports = JSON.parse(readFileSync(join(dir, 'proxies.json'), 'utf8')) as ProxiedPort[]
      this.set(id, dir, ports).catch(() => {}) // somebody else has taken the port meanwhile
    } catch {
      // it had none
    }
  }

  close(id: string): void {
    for (const listener of this.#listeners.get(id)?.values() ?? []) listener.close()
    this.#listeners.delete(id)
  }

  async #open(before: ReadonlyMap<string, Listener>, ports: readonly ProxiedPort[]): Promise<Map<string, Listener>> {
    const after = new Map<string, Listener>()
    try {
      for (const port of ports) if (!before.has(nameOf(port))) after.set(nameOf(port), await listen(port))
    } catch (error) {
      for (const listener of after.values()) listener.close()
      throw error
    }
    for (const port of ports) {
      const kept = before.get(nameOf(port))
      kept?.retarget(port)
      if (kept) after.set(nameOf(port), kept)
    }
    return after
  }
}
