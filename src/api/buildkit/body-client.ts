import type { Duplex, Readable, Writable } from 'node:stream'
import { EngineError } from '../../base/errors.ts'
import type { RegistryAuth } from '../../spec/engine-api/engine.ts'
import type {
  BlobPlace,
  BuildClient,
  DirectoryOptions,
  DirectorySink,
  DirectorySource,
} from '../../spec/engine-api/solver.ts'

const noSession = (what: string) => new EngineError('invalid', `${what} needs a session, and the client has none`)

/** The client of one request: its context is the body, its passwords are in a header, the rest is in its session if it has one. */
export class BodyClient implements BuildClient {
  readonly id: string
  readonly sharedKey: string
  readonly #inner: BuildClient | undefined
  readonly #body: Readable
  readonly #auths: ReadonlyMap<string, RegistryAuth>

  constructor(inner: BuildClient | undefined, body: Readable, auths: ReadonlyMap<string, RegistryAuth>) {
    this.id = inner?.id ?? ''
    this.sharedKey = inner?.sharedKey ?? ''
    this.#inner = inner
    this.#body = body
    this.#auths = auths
  }

  #session(what: string): BuildClient {
    if (!this.#inner) throw noSession(what)
    return this.#inner
  }

  async receiveDirectory(name: string, options: DirectoryOptions, sink: DirectorySink): Promise<void> {
    return this.#session(`the directory ${name}`).receiveDirectory(name, options, sink)
  }

  async sendDirectory(target: number, source: DirectorySource): Promise<void> {
    return this.#session('an export of files').sendDirectory(target, source)
  }

  sendFile(target: number, metadata: Readonly<Record<string, string>>): Writable {
    return this.#session('an export of a file').sendFile(target, metadata)
  }

  async credentials(host: string): Promise<RegistryAuth | undefined> {
    const name = host === 'registry-1.docker.io' ? 'https://index.docker.io/v1/' : host
    return this.#auths.get(name) ?? this.#inner?.credentials(host)
  }

  async secret(id: string): Promise<Uint8Array | undefined> {
    return this.#inner?.secret(id)
  }

  async hasAgent(id: string): Promise<boolean> {
    return (await this.#inner?.hasAgent(id)) ?? false
  }

  openAgent(id: string): Duplex {
    return this.#session('an agent').openAgent(id)
  }

  async *upload(): AsyncGenerator<Uint8Array> {
    yield* this.#body
  }

  blobs(store: string): BlobPlace {
    return this.#session(`the store ${store}`).blobs(store)
  }
}
