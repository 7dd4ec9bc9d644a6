import { mkdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { dirname, join } from 'node:path'

interface Question {
  readonly Name?: string
  readonly ID?: string
  readonly Opts?: Readonly<Record<string, string>> | null
}

/**
 * A volume plugin as other people write them, with directories below `dir` as volumes.
 * Spec: https://docs.docker.com/engine/extend/plugins_volume/
 */
export class VolumePlugin implements AsyncDisposable {
  /** every call as it came: path and document */
  readonly calls: string[] = []
  readonly headers: Record<string, string | string[] | undefined>[] = []
  readonly volumes = new Map<string, Set<string>>()
  /** verb → what it answers instead */
  readonly failures = new Map<string, string>()
  readonly #dir: string
  readonly #server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString().trim()
    const verb = request.url!.replace(/^\/VolumeDriver\./, '')
    this.calls.push(`${verb} ${text}`.trim())
    this.headers.push(request.headers)
    const Err = this.failures.get(verb)
    const answer = Err ? { Err } : this.#answer(verb, text ? (JSON.parse(text) as Question) : {})
    response.writeHead((answer as { Err?: string }).Err ? 500 : 200, {
      'Content-Type': 'application/vnd.docker.plugins.v1.1+json',
    })
    response.end(JSON.stringify(answer))
  })

  constructor(dir: string) {
    this.#dir = dir
  }

  async listen(where: string | number): Promise<this> {
    if (typeof where === 'string') mkdirSync(dirname(where), { recursive: true })
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#server.on('error', reject).listen(where, resolve)
    await promise
    return this
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
    rmSync(this.#dir, { recursive: true, force: true })
  }

  #answer(verb: string, { Name = '', ID = '' }: Question): object {
    const Mountpoint = join(this.#dir, Name)
    const users = this.volumes.get(Name)
    const volume = (name: string) => ({
      Name: name,
      Mountpoint: this.volumes.get(name)!.size ? join(this.#dir, name) : '',
      CreatedAt: '2026-01-02T03:04:05Z',
      Status: { healthy: true },
    })
    switch (verb) {
      case '/Plugin.Activate':
        return { Implements: ['VolumeDriver'] }
      case 'Capabilities':
        return { Capabilities: { Scope: 'global' } }
      case 'List':
        return { Volumes: [...this.volumes.keys()].map(volume) }
      case 'Create':
        mkdirSync(Mountpoint, { recursive: true })
        this.volumes.set(Name, users ?? new Set())
        return {}
    }
    if (!users) return { Err: `no volume ${Name} here` }
    if (verb === 'Get') return { Volume: volume(Name) }
    if (verb === 'Path') return { Mountpoint: users.size ? Mountpoint : '' }
    if (verb === 'Mount') users.add(ID)
    else if (verb === 'Unmount') users.delete(ID)
    else if (verb === 'Remove') this.volumes.delete(Name)
    else return { Err: `no call ${verb}` }
    return verb === 'Mount' ? { Mountpoint } : {}
  }
}
