import { createHash } from 'node:crypto'
import { type BigIntStats, closeSync, lstatSync, openSync, rmSync, writeSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { decompressPieces } from '../archive/compression.ts'
import { TarParser } from '../archive/tar-parser.ts'
import { EngineError, isEngineError, messageOf } from '../base/errors.ts'
import { enterRoot, type RootHandle } from '../kernel/enter-root.ts'
import { ArchiveIndexer } from './archive-index.ts'
import { changesOf } from './changes.ts'
import { Extractor, type ExtractorRules } from './extractor.ts'
import { hashTree } from './hash-tree.ts'
import { layerTar, type SettledTimes } from './layer-tar.ts'
import { realPath, statPath } from './path-stat.ts'
import {
  type Call,
  type ExtractRules,
  type Feed,
  type Reply,
  type Request,
  type Result,
  type TarSource,
  windowBytes,
} from './protocol.ts'
import { type SharedRing, takeSlots } from './slot-ring.ts'
import { childrenTar, treeTar } from './tree-tar.ts'

type Job = Call | Feed | Extract<Request, { type: 'tar' }>

const port = parentPort!
const { ring } = workerData as { readonly ring: SharedRing }
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

const onRoom = () => send({ type: 'room' })
const sleep = async () => void (await nextRequest())
/** Pieces of the archive, each good until the next one is asked for. */
const input = () => takeSlots(ring, { sleep, onRoom })

async function unpack(directory: string, whiteouts: boolean): Promise<Result> {
  const tar = await decompressPieces(input())
  const hash = createHash('sha256')
  try {
    const size = await writeFiles(tar, directory, { whiteouts }, chunk => hash.update(chunk))
    return { diffId: `sha256:${hash.digest('hex')}`, size }
  } finally {
    tar.destroy()
  }
}

async function writeFiles(
  tar: AsyncIterable<Buffer>,
  directory: string,
  rules: ExtractorRules,
  onChunk: (chunk: Buffer) => void = () => {},
): Promise<number> {
  using extractor = new Extractor(directory, rules)
  const parser = new TarParser(extractor)
  for await (const chunk of tar) {
    onChunk(chunk)
    parser.write(chunk)
    release(chunk)
  }
  parser.end()
  extractor.finish()
  return extractor.size
}

/** Memory that decompression filled to its end goes at once: left to collections, it would grow to 70 MB a thread. */
function release({ buffer, byteOffset, byteLength }: Buffer): void {
  const isSpent = buffer.byteLength >= 1 << 17 && byteOffset + byteLength === buffer.byteLength
  if (isSpent && buffer instanceof ArrayBuffer) buffer.transfer(0)
}

async function indexArchive(path: string, wanted: readonly string[]): Promise<Result> {
  const indexer = new ArchiveIndexer(wanted)
  const parser = new TarParser(indexer)
  const fd = openSync(path, 'wx', 0o600)
  const tar = await decompressPieces(keeping(fd, input()))
  try {
    for await (const chunk of tar) {
      parser.write(chunk)
      release(chunk)
    }
    parser.end()
    return { index: indexer.index }
  } finally {
    tar.destroy()
    closeSync(fd)
  }
}

async function* keeping(fd: number, pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; ) at += writeSync(fd, piece, at)
    yield piece
  }
}

const batchBytes = 128 * 1024

/**
 * The archive comes without compression: what helps to decompress might be a program, and programs are looked up
 * below the root that the thread has entered.
 */
async function extract(root: RootHandle, path: string, rules: ExtractRules): Promise<Result> {
  using _root = enterRoot(root)
  if (!lstatSync(path).isDirectory()) throw new EngineError('invalid', 'extraction point is not a directory')
  return {
    size: await writeFiles(takeSlots(ring, { sleep: undefined, onRoom }), path === '/' ? '' : path, {
      whiteouts: false,
      ids: root.ids,
      ...rules,
    }),
  }
}

async function tar(source: TarSource): Promise<Result> {
  if (source.type === 'layer') return sendTar(layerTar(source.upper))
  using _root = enterRoot(source.root)
  return await sendTar(source.type === 'tree' ? treeTar(source.path, source.name, source.root.ids) : childrenTar('/'))
}

function measure(upper: string, times: SettledTimes | undefined): Result {
  const hash = createHash('sha256')
  const seen = new Set<bigint>()
  let size = 0
  const onFile = (stat: BigIntStats) => {
    if (!stat.isFile() || (stat.nlink > 1n && seen.has(stat.ino))) return
    if (stat.nlink > 1n) seen.add(stat.ino)
    size += Number(stat.size)
  }
  for (const chunk of layerTar(upper, { times, onFile })) hash.update(chunk)
  return { diffId: `sha256:${hash.digest('hex')}`, size }
}

async function sendTar(chunks: Iterable<Buffer>): Promise<Result> {
  let credit = windowBytes
  for (const own of batches(chunks)) {
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

const ownsItsMemory = (chunk: Buffer) => chunk.length === chunk.buffer.byteLength

/** Headers are small and each message costs: they travel together; what is large goes as it is. */
function* batches(chunks: Iterable<Buffer>): Generator<Uint8Array<ArrayBuffer>> {
  let held: Buffer[] = []
  let size = 0
  const flush = function* () {
    if (size > 0) yield joined(held, size)
    held = []
    size = 0
  }
  for (const chunk of chunks) {
    if (chunk.length >= batchBytes && ownsItsMemory(chunk)) {
      yield* flush()
      yield new Uint8Array(chunk.buffer as ArrayBuffer)
      continue
    }
    held.push(chunk)
    size += chunk.length
    if (size >= batchBytes) yield* flush()
  }
  yield* flush()
}

function joined(chunks: readonly Buffer[], size: number): Uint8Array<ArrayBuffer> {
  const own = new Uint8Array(new ArrayBuffer(size))
  let at = 0
  for (const chunk of chunks) {
    own.set(chunk, at)
    at += chunk.length
  }
  return own
}

function look(root: RootHandle, read: () => Result): Result {
  using _root = enterRoot(root)
  return read()
}

const jobs: { readonly [T in Job['type']]: (job: Extract<Job, { type: T }>) => Result | Promise<Result> } = {
  unpack: ({ directory, whiteouts }) => unpack(directory, whiteouts),
  extract: ({ root, path, rules }) => extract(root, path, rules),
  index: ({ path, wanted }) => indexArchive(path, wanted),
  tar: ({ source }) => tar(source),
  changes: ({ upper, lowers }) => ({ changes: changesOf(upper, lowers) }),
  measure: ({ upper, times }) => measure(upper, times),
  hash: async ({ path }) => ({ hash: await hashTree(path, { fresh: true }) }),
  stat: ({ root, path }) => look(root, () => ({ stat: statPath(path) })),
  resolve: ({ root, path }) => look(root, () => ({ path: realPath(path) })),
  remove: ({ path }) => {
    rmSync(path, { recursive: true, force: true })
    return {}
  },
}

const isJob = (request: Request): request is Job => request.type in jobs

async function serve(): Promise<void> {
  for (;;) {
    const request = await nextRequest()
    if (!isJob(request)) continue // left over from a job that failed
    try {
      send({ type: 'done', result: await (jobs[request.type] as (job: Job) => Result | Promise<Result>)(request) })
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
