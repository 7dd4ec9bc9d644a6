import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cancellable } from '../base/cancellable.ts'
import { EngineError, messageOf } from '../base/errors.ts'
import type { BlobWriter } from '../content/content-store.ts'
import { retryAfterOf } from '../remote/registry-error.ts'
import type { Repository } from '../remote/repository.ts'
import { isTransient } from '../remote/session.ts'
import type { UnpackedLayer } from '../snapshot/snapshotter.ts'
import type { Descriptor } from '../spec/oci-image.ts'
import type { VerbDeps } from './deps.ts'
import type { LayerProgress } from './progress.ts'

const attempts = 5

export interface DownloadOptions extends Cancellable {
  readonly progress: LayerProgress
  /** false: only the blob is wanted */
  readonly unpack: boolean
}

/**
 * Fetches one layer into the content store and unpacks it on the way. A connection that breaks is taken up where it
 * broke, five times in all.
 */
export async function download(
  { content, snapshots, retrySeconds }: VerbDeps,
  repository: Repository,
  layer: Descriptor,
  { progress, unpack, signal }: DownloadOptions,
): Promise<UnpackedLayer | undefined> {
  await using writer = await content.writer(layer)
  const tee = new Tee(writer)
  const unpacking = unpack ? tee.unpackBy(input => snapshots.unpack(input, { signal })) : undefined
  try {
    for (let attempt = 1; writer.offset < layer.size || attempt === 1; attempt++) {
      try {
        await fetchRest(repository, layer, tee, progress, signal)
        if (writer.offset >= layer.size) break
        throw new EngineError('internal', 'unexpected EOF')
      } catch (error) {
        if (signal?.aborted) throw new EngineError('cancelled', 'context canceled')
        if (attempt >= attempts || !mayRetry(error)) throw error
        await countDown(retryAfterOf(error) ?? (retrySeconds ?? 5) * attempt, progress, signal)
      }
    }
    progress.state('Verifying Checksum')
    await commit(writer, layer)
    progress.state('Download complete')
    if (!unpacking) return undefined
    tee.end()
    progress.bar('Extracting', layer.size, layer.size)
    return await unpacking
  } catch (error) {
    tee.fail(error as Error)
    const unpacked = await unpacking?.catch(() => undefined)
    await unpacked?.[Symbol.asyncDispose]()
    throw error
  }
}

async function commit(writer: BlobWriter, layer: Descriptor): Promise<void> {
  try {
    await writer.commit()
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    const message = `filesystem layer verification failed for digest ${layer.digest}`
    throw new EngineError('internal', message, { cause: error })
  }
}

const mayRetry = (error: unknown): boolean => {
  const { code } = error as NodeJS.ErrnoException
  const isNetwork = ['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNREFUSED', 'ERR_STREAM_PREMATURE_CLOSE'].includes(
    code ?? '',
  )
  return isNetwork || isTransient(error) || messageOf(error) === 'unexpected EOF'
}

async function fetchRest(
  repository: Repository,
  layer: Descriptor,
  tee: Tee,
  progress: LayerProgress,
  signal: AbortSignal | undefined,
): Promise<void> {
  const source = await repository.blob(layer.digest, tee.offset, { signal })
  try {
    for await (const chunk of source) {
      await tee.write(chunk)
      progress.bar('Downloading', tee.offset, layer.size)
    }
  } finally {
    source.destroy()
  }
}

async function countDown(seconds: number, progress: LayerProgress, signal: AbortSignal | undefined): Promise<void> {
  for (let left = seconds; left > 0; left--) {
    progress.state(`Retrying in ${left} second${left === 1 ? '' : 's'}`)
    await sleep(Math.min(left, 1) * 1000, undefined, signal ? { signal } : {})
  }
}

/** Bytes go to the blob, and to whoever unpacks them: the slower one sets the pace. */
class Tee {
  readonly #writer: BlobWriter
  #input: PassThrough | undefined
  /** rejects when unpacking fails */
  #failed: Promise<never> | undefined

  constructor(writer: BlobWriter) {
    this.#writer = writer
  }

  get offset(): number {
    return this.#writer.offset
  }

  unpackBy(unpack: (input: PassThrough) => Promise<UnpackedLayer>): Promise<UnpackedLayer> {
    const input = new PassThrough({ highWaterMark: 1 << 20 })
    input.on('error', () => {})
    this.#input = input
    const result = unpack(input).catch(error => {
      throw toRegisterError(error)
    })
    this.#failed = result.then(() => new Promise<never>(() => {}))
    this.#failed.catch(() => {})
    return result
  }

  async write(chunk: Buffer): Promise<void> {
    await this.#writer.write(chunk)
    if (!this.#input) return
    const goesOn = this.#input.destroyed ? false : this.#input.write(chunk)
    if (!goesOn) await Promise.race([this.#input.destroyed ? this.#failed : once(this.#input, 'drain'), this.#failed])
  }

  end(): void {
    this.#input?.end()
  }

  fail(error: Error): void {
    this.#input?.destroy(error)
  }
}

export const toRegisterError = (error: unknown): EngineError =>
  error instanceof EngineError && error.kind === 'cancelled'
    ? error
    : new EngineError('internal', `failed to register layer: ${messageOf(error)}`, { cause: error })
