import { spawn } from 'node:child_process'
import { PassThrough, pipeline, Readable, type Transform } from 'node:stream'
import { constants, createGunzip, createGzip, createZstdCompress, createZstdDecompress } from 'node:zlib'
import { EngineError } from '../base/errors.ts'

export type Compression = 'none' | 'gzip' | 'zstd' | 'bzip2' | 'xz'

/** zlib is a third faster with these than with its default of 16 KiB. */
const chunkSize = 256 * 1024
const magics: readonly (readonly [Compression, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b, 0x08]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
]

/** Tells how `head`, at least six bytes of a stream unless it is shorter, is compressed. */
export const detectCompression = (head: Uint8Array): Compression =>
  magics.find(([, magic]) => magic.every((byte, i) => head[i] === byte))?.[0] ?? 'none'

/** @param level 0 to 9 */
export const gzip = (level = 6): Transform => createGzip({ chunkSize, level: Math.min(9, Math.max(0, level)) })
/** @param level 1 to 22 */
export const zstd = (level = 3): Transform =>
  createZstdCompress({
    chunkSize,
    params: { [constants.ZSTD_c_compressionLevel]: Math.min(22, Math.max(1, level)) },
  })

/** The first bytes of `source`, which stay in it: `length` of them unless it is shorter. */
async function peek(source: Readable, length: number): Promise<Buffer> {
  let head: Buffer = Buffer.alloc(0)
  while (head.length < length) {
    const chunk = source.read() as Buffer | null
    if (chunk) head = head.length ? Buffer.concat([head, chunk]) : chunk
    else if (source.readableEnded || (await moreOf(source)) === 'end') break
  }
  if (head.length && !source.readableEnded) source.unshift(head)
  return head
}

/** Settles when `read` is worth another try. */
function moreOf(source: Readable): Promise<'more' | 'end'> {
  return new Promise((resolve, reject) => {
    const settle = (action: () => void) => {
      source.off('readable', onReadable).off('end', onEnd).off('error', onError).off('close', onClose)
      action()
    }
    const onReadable = () => settle(() => resolve('more'))
    const onEnd = () => settle(() => resolve('end'))
    const onError = (error: Error) => settle(() => reject(error))
    const onClose = () => settle(() => (source.errored ? reject(source.errored) : resolve('end')))
    source.on('readable', onReadable).on('end', onEnd).on('error', onError).on('close', onClose)
    if (source.destroyed) onClose()
  })
}

/** `source` uncompressed, whatever it was compressed with. Errors of `source` come through. */
export async function decompress(source: Readable): Promise<Readable> {
  const head = await peek(source, 6)
  if (source.readableEnded) return Readable.from(head.length > 0 ? [head] : [])
  return decompressAs(detectCompression(head), source)
}

/** Pieces of something uncompressed, each good until the next one is asked for. */
export interface Pieces extends AsyncIterable<Buffer> {
  destroy(): void
}

/** For pieces that are good only until the next one is asked for: nothing is copied that need not be. */
export async function decompressPieces(pieces: AsyncIterable<Buffer>): Promise<Pieces> {
  const iterator = pieces[Symbol.asyncIterator]()
  const first = await iterator.next()
  const compression = first.done ? 'none' : detectCompression(first.value)
  const isShort = !first.done && first.value.length < 6
  if (!first.done && !isShort && compression === 'none') return asTheyAre(first.value, iterator)
  if (isShort || (compression !== 'gzip' && compression !== 'zstd'))
    return await decompress(Readable.from(copiesOf(first, iterator), { objectMode: false, highWaterMark: chunkSize }))
  const transform = compression === 'gzip' ? createGunzip({ chunkSize }) : createZstdDecompress({ chunkSize })
  void feed(transform, first.value, iterator)
  return transform
}

function asTheyAre(first: Buffer, rest: AsyncIterator<Buffer>): Pieces {
  const all = async function* () {
    yield first
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
  }
  return { [Symbol.asyncIterator]: all, destroy: () => void rest.return?.() }
}

async function* copiesOf(first: IteratorResult<Buffer>, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  for (let next = first; !next.done; next = await rest.next()) yield Buffer.from(next.value)
}

/** Each piece is let go when all of it has been decompressed. */
async function feed(transform: Transform, first: Buffer, rest: AsyncIterator<Buffer>): Promise<void> {
  try {
    for (let piece = first; ; ) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      transform.once('close', resolve)
      transform.write(piece, error => (error ? reject(error) : resolve()))
      await promise
      transform.removeListener('close', resolve)
      if (transform.destroyed) return
      const next = await rest.next()
      if (next.done) break
      piece = next.value
    }
    transform.end()
  } catch (error) {
    transform.destroy(error as Error)
  }
}

function decompressAs(compression: Compression, source: Readable): Readable {
  if (compression === 'none') return source
  if (compression === 'gzip') return join(source, createGunzip({ chunkSize }))
  if (compression === 'zstd') return join(source, createZstdDecompress({ chunkSize }))
  return byProgram(compression, source)
}

const join = (source: Readable, transform: Transform): Readable =>
  pipeline(source, transform, error => error && transform.destroy(error))

function byProgram(program: 'bzip2' | 'xz', source: Readable): Readable {
  const child = spawn(program, ['-dc'], { stdio: ['pipe', 'pipe', 'pipe'] })
  const output = new PassThrough({ highWaterMark: chunkSize })
  const fail = (message: string, cause?: unknown) => output.destroy(new EngineError('invalid', message, { cause }))
  let complaint = ''
  child.stderr.on('data', text => {
    if (complaint.length < 1000) complaint += text
  })
  child.once('error', error => fail(`cannot run ${program}: ${error.message}`, error))
  child.once('close', code => (code === 0 ? output.end() : fail(`${program}: ${complaint.trim() || `exit ${code}`}`)))
  pipeline(source, child.stdin, error => {
    if (error && (error as NodeJS.ErrnoException).code !== 'EPIPE') output.destroy(error)
  })
  child.stdout.pipe(output, { end: false })
  output.once('close', () => child.kill())
  return output
}
