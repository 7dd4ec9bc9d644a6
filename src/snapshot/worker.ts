import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { Readable } from 'node:stream'
import { parentPort } from 'node:worker_threads'
import { decompress } from '../archive/compression.ts'
import { TarParser } from '../archive/tar-parser.ts'
import { isEngineError, messageOf } from '../base/errors.ts'
import { changesOf } from './changes.ts'
import { Extractor } from './extractor.ts'
import { layerTar } from './layer-tar.ts'
import { type Reply, type Request, type Result, windowBytes } from './protocol.ts'

const port = parentPort!
const send = (reply: Reply, transfer: ArrayBuffer[] = []) => port.postMessage(reply, transfer)

let inbox: Request[] = []
let wake = () => {}

async function nextRequest(): Promise<Request> {
  while (inbox.length === 0) {
    const { promise, resolve } = Promise.withResolvers<void>()
    wake = resolve
    await promise
  }
  return inbox.shift()!
}

async function* input(): AsyncGenerator<Buffer> {
  for (;;) {
    const request = await nextRequest()
    if (request.type === 'end') return
    if (request.type !== 'data') throw new Error('unpacking was given up')
    yield Buffer.from(request.chunk.buffer, request.chunk.byteOffset, request.chunk.byteLength)
    send({ type: 'taken', bytes: request.chunk.byteLength })
  }
}

async function unpack(directory: string, whiteouts: boolean): Promise<Result> {
  const hash = createHash('sha256')
  using extractor = new Extractor(directory, { whiteouts })
  const parser = new TarParser(extractor)
  const source = Readable.from(input(), { objectMode: false, highWaterMark: 1 << 20 })
  const tar = await decompress(source)
  try {
    for await (const chunk of tar) {
      hash.update(chunk)
      parser.write(chunk)
    }
    parser.end()
  } finally {
    source.destroy()
    tar.destroy()
  }
  extractor.finish()
  return { diffId: `sha256:${hash.digest('hex')}`, size: extractor.size }
}

const batchBytes = 128 * 1024

async function diff(upper: string): Promise<Result> {
  let credit = windowBytes
  for (const own of batches(layerTar(upper))) {
    credit -= own.length
    send({ type: 'data', chunk: own }, [own.buffer])
    while (credit <= 0) {
      const request = await nextRequest()
      if (request.type !== 'credit') throw new Error('reading was given up')
      credit += request.bytes
    }
  }
  return {}
}

/** Headers are small and each message costs: they travel together. */
function* batches(chunks: Iterable<Buffer>): Generator<Uint8Array<ArrayBuffer>> {
  let held: Buffer[] = []
  let size = 0
  for (const chunk of chunks) {
    held.push(chunk)
    size += chunk.length
    if (size < batchBytes) continue
    yield Uint8Array.from(Buffer.concat(held))
    held = []
    size = 0
  }
  if (size > 0) yield Uint8Array.from(Buffer.concat(held))
}

async function run(request: Request): Promise<Result> {
  if (request.type === 'unpack') return unpack(request.directory, request.whiteouts)
  if (request.type === 'diff') return diff(request.upper)
  if (request.type === 'changes') return { changes: changesOf(request.upper, request.lowers) }
  if (request.type === 'remove') rmSync(request.path, { recursive: true, force: true })
  return {}
}

async function serve(): Promise<void> {
  for (;;) {
    const request = await nextRequest()
    if (!['unpack', 'diff', 'changes', 'remove'].includes(request.type)) continue // left over from a job that failed
    try {
      send({ type: 'done', result: await run(request) })
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      const isBadData = code?.startsWith('Z_') || code?.startsWith('ZSTD') || code === 'ERR_ZLIB'
      const kind = isEngineError(error) ? error.kind : isBadData ? 'invalid' : 'internal'
      send({ type: 'failed', kind, message: messageOf(error), code })
    }
  }
}

port.on('message', (request: Request) => {
  if (request.type === 'abort') inbox = []
  inbox.push(request)
  wake()
})
void serve()
