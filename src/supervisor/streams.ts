import type { Socket } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import type { StdioSettings } from './protocol.ts'

export type OutputName = 'stdout' | 'stderr'

export interface ClientOptions {
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  readonly raw?: boolean
}

/** A promise makes the process wait until it resolves. */
export type OnOutput = (output: OutputName, chunk: Buffer) => Promise<void> | undefined

interface Client {
  readonly socket: Socket
  readonly options: ClientOptions
  /** it was there before the process: the one who runs it, for whom it waits as at the end of a pipe */
  readonly isOwner: boolean
  stalled?: NodeJS.Timeout
}

/** Bytes a client may be behind before the process has to wait for it. */
const maxBacklogBytes = 4 << 20
/** One that came later and takes nothing for this long is let go, so that nobody else waits for it. */
const stallMillis = 5000

/** Header of a stdcopy frame: https://docs.docker.com/reference/api/engine/version/v1.51/#tag/Container/operation/ContainerAttach */
function frameHeader(output: OutputName, length: number): Buffer {
  const header = Buffer.alloc(8)
  header[0] = output === 'stdout' ? 1 : 2
  header.writeUInt32BE(length, 4)
  return header
}

/**
 * Input and output of one process, and the clients attached to it: any number, before, during and until the end of it.
 * Output goes to every client that wants it and to `onOutput`; input of all clients is merged.
 */
export class Streams {
  readonly #clients = new Set<Client>()
  readonly #held = new Set<Readable>()
  #sources: readonly Readable[] = []
  #stdin: Writable | undefined
  #settings: StdioSettings | undefined
  #ended = false
  #onOutput: OnOutput = () => undefined

  /** Connects the process; `onOutput` sees every chunk first. */
  open(
    settings: StdioSettings,
    pipes: { readonly stdout: Readable; readonly stderr?: Readable | undefined; readonly stdin?: Writable | undefined },
    onOutput: OnOutput,
  ): void {
    this.#settings = settings
    this.#stdin = pipes.stdin
    this.#onOutput = onOutput
    this.#sources = pipes.stderr ? [pipes.stdout, pipes.stderr] : [pipes.stdout]
    this.#pump('stdout', pipes.stdout)
    if (pipes.stderr) this.#pump('stderr', pipes.stderr)
    pipes.stdin?.on('error', () => {}) // the process closed its input: what is still sent to it is lost, as in a shell
    for (const client of this.#clients) this.#takeInput(client)
  }

  /** Resolves when every output has come to its end. */
  async drained(): Promise<void> {
    await Promise.all(
      this.#sources.map(
        source => source.destroyed || new Promise<void>(resolve => source.once('close', () => resolve())),
      ),
    )
  }

  attach(socket: Socket, options: ClientOptions): void {
    const client: Client = { socket, options, isOwner: this.#settings === undefined }
    if (this.#ended) {
      socket.end()
      return
    }
    this.#clients.add(client)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#leave(client))
    socket.on('drain', () => this.#release())
    if (this.#settings) this.#takeInput(client)
    else socket.pause()
  }

  closeStdin(): void {
    this.#stdin?.end()
    this.#stdin = undefined
  }

  /** Ends every client's stream after what was sent to it. */
  close(): void {
    this.#ended = true
    this.closeStdin()
    for (const source of this.#sources) source.destroy()
    for (const { socket } of this.#clients) socket.end()
  }

  #pump(output: OutputName, source: Readable): void {
    source.on('data', (chunk: Buffer) => {
      const room = this.#onOutput(output, chunk)
      if (room) this.#waitFor(room, source)
      this.#broadcast(output, chunk, source)
    })
    source.on('end', () => source.destroy())
    source.on('error', () => source.destroy()) // EIO is how a terminal ends
  }

  #broadcast(output: OutputName, chunk: Buffer, source: Readable): void {
    for (const client of this.#clients) {
      const { socket, options } = client
      if (!options[output] || socket.writableEnded) continue
      if (!this.#settings!.tty && !options.raw) {
        socket.cork()
        socket.write(frameHeader(output, chunk.length))
        socket.write(chunk)
        socket.uncork()
      } else socket.write(chunk)
      if (socket.writableLength <= maxBacklogBytes) continue
      this.#hold(source)
      if (!client.isOwner) this.#watchStall(client)
    }
  }

  #waitFor(room: Promise<void>, source: Readable): void {
    source.pause()
    void room.then(() => {
      if (!this.#held.has(source)) source.resume()
    })
  }

  #watchStall(client: Client): void {
    if (client.stalled) return
    const before = client.socket.bytesWritten
    client.stalled = setTimeout(() => {
      delete client.stalled
      if (client.socket.writableLength <= maxBacklogBytes) return
      if (client.socket.bytesWritten === before) client.socket.destroy()
      else this.#watchStall(client)
    }, stallMillis)
  }

  #hold(source: Readable): void {
    source.pause()
    this.#held.add(source)
  }

  #release(): void {
    if (this.#held.size === 0) return
    for (const { socket } of this.#clients) if (socket.writableLength > maxBacklogBytes) return
    for (const source of this.#held) source.resume()
    this.#held.clear()
  }

  #leave(client: Client): void {
    clearTimeout(client.stalled)
    this.#clients.delete(client)
    this.#release()
  }

  #takeInput(client: Client): void {
    const { socket, options } = client
    if (!options.stdin || !this.#stdin) {
      socket.on('data', () => {}) // no input wanted: read on, to notice the end
      socket.resume()
      return
    }
    socket.on('data', (chunk: Buffer) => this.#write(client, chunk))
    socket.on('end', () => this.#endOfInput(client))
    socket.resume()
  }

  #write({ socket }: Client, chunk: Buffer): void {
    const stdin = this.#stdin
    if (!stdin || stdin.write(chunk)) return
    socket.pause()
    stdin.once('drain', () => socket.resume())
    stdin.once('close', () => socket.resume())
  }

  #endOfInput(client: Client): void {
    const { tty, stdinOnce } = this.#settings!
    if (stdinOnce && !tty) this.closeStdin()
    else client.socket.end()
  }
}
