import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import { isEngineError } from '../base/errors.ts'
import { KeyedMutex } from '../base/keyed-mutex.ts'
import type { BlobWriter, ContentStore } from '../content/content-store.ts'
import type { Digest } from '../spec/digest.ts'
import { batches } from './batches.ts'
import { OciError } from './errors.ts'

interface Upload {
  readonly repository: string
  readonly writer: BlobWriter
  usedAt: number
}

export interface UploadLimits {
  /** an upload that nobody touched for so long is thrown away */
  readonly idleMillis: number
  /** open at once; each holds a file */
  readonly maxOpen: number
  /** bytes of one blob */
  readonly maxBytes: number
}

export interface AppendOptions {
  /** where the client believes to be */
  readonly start?: number | undefined
  /** bytes that the repository has left */
  readonly room?: number
}

/** Under pressure an upload that rested for so long makes room for a new one. */
const restMillis = 60_000
/** Memory for chunks of all uploads together: one alone gets large ones, many at once small ones. */
const gatherBytes = 8 << 20

/** Blobs on their way in, over any number of requests. They do not outlive the process: the client starts again. */
export class Uploads {
  readonly #content: ContentStore
  readonly #limits: UploadLimits
  readonly #now: () => number
  readonly #open = new Map<string, Upload>()
  readonly #locks = new KeyedMutex()
  #active = 0

  constructor(content: ContentStore, limits: UploadLimits, now: () => number = Date.now) {
    this.#content = content
    this.#limits = limits
    this.#now = now
  }

  get size(): number {
    return this.#open.size
  }

  async start(repository: string): Promise<string> {
    if (this.size >= this.#limits.maxOpen) await this.expire(restMillis)
    if (this.size >= this.#limits.maxOpen) throw new OciError('TOOMANYREQUESTS', 'too many uploads are open')
    const id = randomUUID()
    this.#open.set(id, { repository, writer: await this.#content.writer(), usedAt: this.#now() })
    return id
  }

  has(id: string): boolean {
    return this.#open.has(id)
  }

  /** Begins an upload again that is known by its id already, with no bytes. */
  async adopt(repository: string, id: string): Promise<void> {
    await this.#drop(id)
    this.#open.set(id, { repository, writer: await this.#content.writer(), usedAt: this.#now() })
  }

  /** Bytes taken so far. */
  async offset(repository: string, id: string): Promise<number> {
    return this.#get(repository, id).writer.offset
  }

  /**
   * Takes more bytes and returns how many there are; what came before a cut connection is kept.
   *
   * @throws OciError `RANGE_INVALID` when that is elsewhere, `DENIED` when there is no room
   */
  async append(
    repository: string,
    id: string,
    source: Readable,
    { start, room = Number.POSITIVE_INFINITY }: AppendOptions = {},
  ): Promise<number> {
    this.#get(repository, id)
    using _lock = await this.#locks.acquire(id)
    const upload = this.#get(repository, id)
    if (start !== undefined && start !== upload.writer.offset)
      throw new OciError('RANGE_INVALID', undefined, { headers: { Range: formatRange(upload.writer.offset) } })
    this.#active++
    try {
      const share = () => Math.min(1 << 20, gatherBytes / this.#active)
      for await (const chunk of batches(source, share)) await this.#write(id, upload, chunk, room)
    } finally {
      this.#active--
    }
    return upload.writer.offset
  }

  /**
   * Makes the upload the blob `digest`, whole and on disk.
   *
   * @throws OciError `DIGEST_INVALID`; the upload is gone then, since nobody knows which byte was wrong
   */
  async finish(repository: string, id: string, digest: Digest): Promise<void> {
    using _lock = await this.#locks.acquire(id)
    const { writer } = this.#get(repository, id)
    try {
      await writer.commit(digest)
    } catch (error) {
      throw isEngineError(error, 'invalid') ? new OciError('DIGEST_INVALID', error.message) : error
    } finally {
      await this.#drop(id)
    }
  }

  async cancel(repository: string, id: string): Promise<void> {
    this.#get(repository, id)
    using _lock = await this.#locks.acquire(id)
    await this.#drop(id)
  }

  /** Throws away what nobody touched for `idleMillis` (0: everything at rest). */
  async expire(idleMillis = this.#limits.idleMillis): Promise<void> {
    const before = this.#now() - idleMillis
    for (const [id, upload] of this.#open)
      if (upload.usedAt <= before && !this.#locks.isLocked(id)) await this.#drop(id)
  }

  async #write(id: string, upload: Upload, chunk: Uint8Array, room: number): Promise<void> {
    if (upload.writer.offset + chunk.length > room) {
      await this.#drop(id)
      throw new OciError('DENIED', `quota exceeded: room for ${room} bytes`)
    }
    if (upload.writer.offset + chunk.length > this.#limits.maxBytes) {
      await this.#drop(id)
      throw new OciError('SIZE_INVALID', `a blob may have ${this.#limits.maxBytes} bytes`, { status: 413 })
    }
    upload.usedAt = this.#now()
    // after a failed write (disk full) bytes and hash may differ: such an upload cannot go on
    await upload.writer.write(chunk).catch(async error => {
      await this.#drop(id)
      throw error
    })
  }

  #get(repository: string, id: string): Upload {
    const upload = this.#open.get(id)
    if (upload?.repository !== repository) throw new OciError('BLOB_UPLOAD_UNKNOWN', {})
    upload.usedAt = this.#now()
    return upload
  }

  async #drop(id: string): Promise<void> {
    const upload = this.#open.get(id)
    this.#open.delete(id)
    await upload?.writer[Symbol.asyncDispose]()
  }
}

/** The header that tells how far an upload is; both ends count, and an empty upload also says `0-0`. */
export const formatRange = (offset: number): string => `0-${Math.max(0, offset - 1)}`
