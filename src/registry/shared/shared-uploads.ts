import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { S3Objects } from '../../content/s3-objects.ts'
import type { Digest } from '../../spec/digest.ts'
import { unbroken } from '../batches.ts'
import { OciError } from '../errors.ts'
import type { AppendOptions, Uploads } from '../uploads.ts'

const folderOf = (id: string): string => `uploads/${id}/`
const ownerKey = (id: string): string => `${folderOf(id)}repository`
/** Parts by where they start, so that they are listed in order. */
const partKey = (id: string, offset: number): string => `${folderOf(id)}part-${String(offset).padStart(16, '0')}`

/**
 * Uploads that any of several registries may go on with: what each request brings is an object before it is answered,
 * and who has not seen the parts of others reads them first.
 */
export class SharedUploads {
  readonly #objects: S3Objects
  readonly #local: Uploads
  readonly #scratch: string
  #parts = 0

  constructor(objects: S3Objects, local: Uploads, scratch: string) {
    this.#objects = objects
    this.#local = local
    this.#scratch = scratch
  }

  get size(): number {
    return this.#local.size
  }

  async start(repository: string): Promise<string> {
    const id = await this.#local.start(repository)
    await this.#objects.put(ownerKey(id), repository)
    return id
  }

  async offset(repository: string, id: string): Promise<number> {
    const parts = await this.#partsOf(repository, id)
    return parts.reduce((sum, { size }) => sum + size, 0)
  }

  async append(repository: string, id: string, source: Readable, options: AppendOptions = {}): Promise<number> {
    const before = await this.#catchUp(repository, id)
    const path = join(this.#scratch, `part-${process.pid}-${++this.#parts}`)
    try {
      await using file = await open(path, 'wx', 0o600)
      const copied = async function* () {
        for await (const chunk of unbroken(source)) {
          await file.appendFile(chunk)
          yield chunk
        }
      }
      return await this.#local.append(repository, id, Readable.from(copied()), options)
    } finally {
      // of a connection that was cut, what came counts
      const after = this.#local.has(id) ? await this.#local.offset(repository, id) : before
      if (after > before) await this.#objects.putFile(partKey(id, before), path, after - before)
      await rm(path, { force: true })
    }
  }

  async finish(repository: string, id: string, digest: Digest): Promise<void> {
    await this.#catchUp(repository, id)
    try {
      await this.#local.finish(repository, id, digest)
    } finally {
      await this.#forget(id)
    }
  }

  async cancel(repository: string, id: string): Promise<void> {
    await this.#partsOf(repository, id)
    if (this.#local.has(id)) await this.#local.cancel(repository, id)
    await this.#forget(id)
  }

  /** Throws away what rests here; parts of uploads that nobody goes on with are `sweep`'s. */
  expire(idleMillis?: number): Promise<void> {
    return this.#local.expire(idleMillis)
  }

  /** Deletes parts of uploads that nobody has touched since `before`, in milliseconds since 1970. */
  async sweep(before: number): Promise<void> {
    const objects = [...(await this.#objects.list('uploads/'))]
    const byUpload = Map.groupBy(objects, ([key]) => key.split('/')[1]!)
    for (const [id, parts] of byUpload)
      if (parts.every(([, { modifiedAt }]) => modifiedAt < before)) await this.#forget(id)
  }

  /** Reads what other registries have taken of this upload, and tells how much there is in all. */
  async #catchUp(repository: string, id: string): Promise<number> {
    const parts = await this.#partsOf(repository, id)
    const total = parts.reduce((sum, { size }) => sum + size, 0)
    if (this.#local.has(id) && (await this.#local.offset(repository, id)) === total) return total
    await this.#local.adopt(repository, id)
    for (const { key } of parts) await this.#local.append(repository, id, await this.#objects.stream(key))
    return total
  }

  /** @throws OciError `BLOB_UPLOAD_UNKNOWN` */
  async #partsOf(repository: string, id: string) {
    if (!/^[0-9a-f-]{36}$/.test(id)) throw new OciError('BLOB_UPLOAD_UNKNOWN', {})
    const objects = await this.#objects.list(folderOf(id))
    const owner = objects.has(ownerKey(id)) ? await this.#objects.get(ownerKey(id)) : undefined
    if (owner !== repository) throw new OciError('BLOB_UPLOAD_UNKNOWN', {})
    objects.delete(ownerKey(id))
    return [...objects].map(([key, { size }]) => ({ key, size })).sort((a, b) => (a.key < b.key ? -1 : 1))
  }

  async #forget(id: string): Promise<void> {
    for (const key of (await this.#objects.list(folderOf(id))).keys()) await this.#objects.delete(key)
  }
}
