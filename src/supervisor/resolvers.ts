import { openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DnsConfig } from '../spec/dns-config.ts'
import { type DnsServer, openDns } from './dns/server.ts'

/** The embedded resolvers of running containers; they answer while the engine is away. */
export class Resolvers {
  readonly #servers = new Map<string, DnsServer>()

  /** @param namespace path of the container's network namespace */
  open(id: string, dir: string, namespace: string, config: DnsConfig): void {
    this.close(id)
    this.#servers.set(id, openDns(openSync(namespace, 'r'), config))
    writeFileSync(join(dir, 'dns.json'), JSON.stringify(config))
  }

  /** False when the container has no resolver yet. */
  update(id: string, dir: string, config: DnsConfig): boolean {
    const server = this.#servers.get(id)
    if (!server) return false
    server.update(config)
    writeFileSync(join(dir, 'dns.json'), JSON.stringify(config))
    return true
  }

  /** After a crash of the supervisor: the container lives, its resolver does not. */
  reopen(id: string, dir: string, pid: number): void {
    try {
      const config = JSON.parse(readFileSync(join(dir, 'dns.json'), 'utf8')) as DnsConfig
      this.#servers.set(id, openDns(openSync(`/proc/${pid}/ns/net`, 'r'), config))
    } catch {
      // it had none, or has just ended
    }
  }

  close(id: string): void {
    this.#servers.get(id)?.close()
    this.#servers.delete(id)
  }
}
