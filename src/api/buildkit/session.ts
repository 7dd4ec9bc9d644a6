import type { IncomingHttpHeaders } from 'node:http'
import { Duplex, Writable } from 'node:stream'
import { EngineError, messageOf } from '../../base/errors.ts'
import { Secret } from '../../base/secret.ts'
import type { RegistryAuth } from '../../spec/engine-api/engine.ts'
import type {
  BlobPlace,
  BuildClient,
  DirectoryOptions,
  DirectorySink,
  DirectorySource,
} from '../../spec/engine-api/solver.ts'
import { ClientBlobs } from './client-blobs.ts'
import { receiveFiles, sendFiles } from './diff-copy.ts'
import { GrpcChannel, type Metadata } from './grpc/client.ts'
import { codes, GrpcError } from './grpc/status.ts'
import { bytesMessage } from './wire/control.ts'
import { empty } from './wire/message.ts'
import {
  agentRequest,
  credentialsRequest,
  credentialsResponse,
  healthRequest,
  healthResponse,
  secretRequest,
  secretResponse,
} from './wire/session.ts'

const healthMillis = 5_000
const pieceSize = 1 << 20

/** Printable ASCII goes as it is; a list with anything else is escaped and says so. */
function textMetadata(lists: Readonly<Record<string, readonly string[] | undefined>>): Metadata {
  const out: Record<string, string | readonly string[]> = {}
  for (const [name, values] of Object.entries(lists)) {
    if (!values?.length) continue
    const isPlain = values.every(value => /^[\x20-\x7e]*$/.test(value))
    out[name] = isPlain ? values : values.map(encodeURIComponent)
    if (!isPlain) out[`${name}-encoded`] = '1'
  }
  return out
}

/** A client's connection to which builds call back. */
export class Session implements BuildClient, Disposable {
  readonly id: string
  readonly sharedKey: string
  readonly closed: Promise<void>
  readonly #channel: GrpcChannel
  readonly #methods: ReadonlySet<string>
  readonly #timer: NodeJS.Timeout

  constructor(socket: Duplex, headers: IncomingHttpHeaders) {
    this.id = String(headers['x-docker-expose-session-uuid'] ?? '')
    this.sharedKey = String(headers['x-docker-expose-session-sharedkey'] ?? '')
    this.#methods = new Set(String(headers['x-docker-expose-session-grpc-method'] ?? '').split(/,\s*/))
    this.#channel = new GrpcChannel(socket)
    this.closed = this.#channel.closed
    this.#timer = setInterval(() => void this.#checkHealth(), healthMillis)
    this.#timer.unref()
    void this.closed.then(() => clearInterval(this.#timer))
  }

  async #checkHealth(): Promise<void> {
    try {
      await this.#channel.unary('/grpc.health.v1.Health/Check', [healthRequest, healthResponse], {})
    } catch (error) {
      if (error instanceof GrpcError && error.code !== codes.unavailable) return
      this.#channel[Symbol.dispose]()
    }
  }

  #offers(method: string): boolean {
    return this.#methods.has(method)
  }

  async receiveDirectory(name: string, options: DirectoryOptions, sink: DirectorySink): Promise<void> {
    const method = '/moby.filesync.v1.FileSync/DiffCopy'
    if (!this.#offers(method)) throw new EngineError('invalid', `the client sends no files: it offers no ${method}`)
    const lists = {
      'include-patterns': options.include,
      'exclude-patterns': options.exclude,
      followpaths: options.follow,
      'dir-name': [name],
    }
    await using call = this.#channel.open(method, textMetadata(lists))
    const cancel = () => call.cancel()
    options.signal?.addEventListener('abort', cancel, { once: true })
    try {
      await receiveFiles(call, sink)
    } catch (error) {
      options.signal?.throwIfAborted()
      throw new EngineError('invalid', messageOf(error), { cause: error })
    } finally {
      options.signal?.removeEventListener('abort', cancel)
    }
  }

  async sendDirectory(target: number, source: DirectorySource): Promise<void> {
    const metadata = { 'buildkit-attachable-exporter-id': String(target) }
    await using call = this.#channel.open('/moby.filesync.v1.FileSend/DiffCopy', metadata)
    await sendFiles(call, source)
  }

  sendFile(target: number, given: Readonly<Record<string, string>>): Writable {
    const metadata = {
      'buildkit-attachable-exporter-id': String(target),
      ...Object.fromEntries(Object.entries(given).map(([key, value]) => [`exporter-md-${key.toLowerCase()}`, value])),
    }
    const call = this.#channel.open('/moby.filesync.v1.FileSend/DiffCopy', metadata)
    const write = async (chunk: Buffer) => {
      for (let at = 0; at < chunk.length; at += pieceSize)
        await call.send(bytesMessage.encode({ data: chunk.subarray(at, at + pieceSize) }))
    }
    return new Writable({
      write: (chunk: Buffer, _, done) => void write(chunk).then(() => done(), done),
      final: done => {
        call.end()
        drain(call.messages).then(() => done(), done)
      },
      destroy: (error, done) => {
        if (error) call.cancel()
        done(error)
      },
    })
  }

  async credentials(host: string): Promise<RegistryAuth | undefined> {
    const method = '/moby.filesync.v1.Auth/Credentials'
    if (!this.#offers(method)) return undefined
    const found = await this.#channel.unary(method, [credentialsRequest, credentialsResponse], { Host: host })
    if (found.Secret === '') return undefined
    const secret = new Secret(found.Secret)
    return found.Username === '' ? { identityToken: secret } : { username: found.Username, password: secret }
  }

  async secret(id: string): Promise<Uint8Array | undefined> {
    const method = '/moby.buildkit.secrets.v1.Secrets/GetSecret'
    if (!this.#offers(method)) return undefined
    try {
      return (await this.#channel.unary(method, [secretRequest, secretResponse], { ID: id })).data
    } catch (error) {
      if (error instanceof GrpcError && error.code === codes.notFound) return undefined
      throw error
    }
  }

  async hasAgent(id: string): Promise<boolean> {
    const method = '/moby.sshforward.v1.SSH/CheckAgent'
    if (!this.#offers(method)) return false
    try {
      await this.#channel.unary(method, [agentRequest, empty], { ID: id })
      return true
    } catch (error) {
      if (error instanceof GrpcError && error.code !== codes.unavailable) return false
      throw error
    }
  }

  openAgent(id: string): Duplex {
    const call = this.#channel.open('/moby.sshforward.v1.SSH/ForwardAgent', { 'buildkit.ssh.id': id })
    const duplex: Duplex = new Duplex({
      read: () => {},
      write: (chunk: Buffer, _, done) => void call.send(bytesMessage.encode({ data: chunk })).then(() => done(), done),
      final: done => {
        call.end()
        done()
      },
      destroy: (error, done) => {
        call.cancel()
        done(error)
      },
    })
    void (async () => {
      for await (const each of call.messages) duplex.push(bytesMessage.decode(each).data)
      duplex.push(null)
    })().catch(() => duplex.destroy())
    return duplex
  }

  async *upload(url: URL): AsyncGenerator<Uint8Array> {
    await using call = this.#channel.open('/moby.upload.v1.Upload/Pull', { urlpath: url.pathname, urlhost: url.host })
    for await (const each of call.messages) yield bytesMessage.decode(each).data
  }

  blobs(store: string): BlobPlace {
    return new ClientBlobs(this.#channel, store)
  }

  [Symbol.dispose](): void {
    this.#channel[Symbol.dispose]()
  }
}

async function drain(messages: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of messages);
}
