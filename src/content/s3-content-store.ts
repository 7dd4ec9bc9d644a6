import { createReadStream, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, pipeline, type Readable } from 'node:stream'
import { type Digest, hexOf, isDigest } from '../spec/digest.ts'
import { BaseStore } from './base-store.ts'
import type { BlobIdentity, BlobWriter, StoredBlob } from './content-store.ts'
import { loadSdk, type S3Settings, type Sdk } from './s3-objects.ts'
import { noSuchBlob, Verifier } from './verify.ts'

/**
 * Blobs as objects `<prefix>blobs/sha256/<hex>`. They gather in `scratch` and are sent when they are whole, so that no
 * reader sees half of one. What is there is listed at start and known from then on. Where other processes write and
 * delete as well, blobs are learned of from those who refer to them, and storing is never skipped: nobody knows what is
 * there the next moment.
 */
export class S3ContentStore extends BaseStore {
  readonly #settings: S3Settings
  readonly #scratch: string
  readonly #sdk: Promise<Sdk>
  readonly #known = new Map<Digest, number>()
  readonly #storedAt = new Map<Digest, number>()
  readonly #isShared: boolean
  #ingests = 0

  constructor(settings: S3Settings, scratch: string, { isShared = false } = {}) {
    super()
    this.#isShared = isShared
    this.#settings = settings
    this.#scratch = scratch
    this.#sdk = loadSdk(settings)
    this.#sdk.catch(() => {})
    mkdirSync(scratch, { recursive: true, mode: 0o700 })
  }

  has(digest: Digest): boolean {
    return !this.#isShared && this.#known.has(digest)
  }

  /** Asks the bucket, not what is known. */
  async isStored(digest: Digest): Promise<boolean> {
    const { client, s3 } = await this.#sdk
    const asked = client.send(new s3.HeadObjectCommand(this.#object(digest)))
    return asked
      .then(() => true)
      .catch((error: Error) => {
        if (error.name === 'NotFound') return false
        throw error
      })
  }

  /** Another process has stored it. */
  learn(digest: Digest, size: number): void {
    this.#known.set(digest, size)
  }

  sizeOf(digest: Digest): number | undefined {
    return this.#known.get(digest)
  }

  open(digest: Digest, range: { readonly start: number; readonly end?: number } = { start: 0 }): Readable {
    const size = this.#known.get(digest)
    if (size === undefined) throw noSuchBlob(digest)
    const out = new PassThrough({ highWaterMark: 256 * 1024 })
    const end = Math.min(size, range.end ?? size)
    if (range.start >= end) return out.end()
    this.#get(digest, `bytes=${range.start}-${end - 1}`)
      .then(body => pipeline(body, out, () => {}))
      .catch(error => out.destroy(error))
    return out
  }

  async delete(digest: Digest): Promise<void> {
    if (!this.#known.delete(digest) && !this.#isShared) return
    const { client, s3 } = await this.#sdk
    await client.send(new s3.DeleteObjectCommand(this.#object(digest)))
  }

  async list(): Promise<readonly StoredBlob[]> {
    if (!this.#isShared) return [...this.#known].map(([digest, size]) => ({ digest, size }))
    await this.#look()
    return [...this.#known].map(([digest, size]) => ({ digest, size, storedAt: this.#storedAt.get(digest) }))
  }

  async recover(): Promise<number> {
    const names = readdirSync(this.#scratch)
    for (const name of names) rmSync(join(this.#scratch, name), { force: true })
    const place = await this.#look()
    // of others that are at work these may be in use
    return names.length + (this.#isShared ? 0 : await this.#abortUploads(place))
  }

  /** What is there now. */
  async #look(): Promise<{ readonly Bucket: string; readonly Prefix: string }> {
    const { client, s3 } = await this.#sdk
    const place = { Bucket: this.#settings.bucket, Prefix: `${this.#settings.prefix ?? ''}blobs/sha256/` }
    const gone = new Set(this.#known.keys())
    this.#storedAt.clear()
    for await (const page of s3.paginateListObjectsV2({ client }, place))
      for (const { Key = '', LastModified, Size = 0 } of page.Contents ?? []) {
        const digest: Digest = `sha256:${Key.slice(place.Prefix.length)}`
        if (!isDigest(digest)) continue
        this.#known.set(digest, Size)
        this.#storedAt.set(digest, LastModified?.getTime() ?? 0)
        gone.delete(digest)
      }
    for (const digest of gone) this.#known.delete(digest)
    return place
  }

  /** Parts of an upload that a crash cut off cost money and are seen by nobody. */
  async #abortUploads(place: { readonly Bucket: string; readonly Prefix: string }): Promise<number> {
    const { client, s3 } = await this.#sdk
    const found = await client.send(new s3.ListMultipartUploadsCommand(place)).catch(() => undefined) // not known to all
    const uploads = found?.Uploads ?? []
    for (const { Key, UploadId } of uploads)
      await client.send(new s3.AbortMultipartUploadCommand({ Bucket: place.Bucket, Key, UploadId }))
    return uploads.length
  }

  protected openWriter(expected: BlobIdentity | undefined): BlobWriter {
    const path = join(this.#scratch, `${process.pid}-${++this.#ingests}`)
    return new SpoolingWriter(path, expected, (identity, file) => this.#send(identity, file))
  }

  async #send({ digest, size }: StoredBlob, path: string): Promise<void> {
    if (this.has(digest)) return
    const { client, s3, storage } = await this.#sdk
    if (size <= singleBytes) {
      const Body = createReadStream(path, { highWaterMark: 1 << 20 })
      await client.send(new s3.PutObjectCommand({ ...this.#object(digest), Body, ContentLength: size }))
    } else {
      const Body = createReadStream(path, { highWaterMark: 1 << 20 })
      // at most 10,000 parts
      const partSize = Math.max(singleBytes, Math.ceil(size / 9000))
      await new storage.Upload({ client, params: { ...this.#object(digest), Body }, queueSize: 3, partSize }).done()
    }
    this.#known.set(digest, size)
  }

  async #get(digest: Digest, Range: string): Promise<Readable> {
    const { client, s3 } = await this.#sdk
    const { Body } = await client.send(new s3.GetObjectCommand({ ...this.#object(digest), Range }))
    return Body as Readable
  }

  #object(digest: Digest) {
    return { Bucket: this.#settings.bucket, Key: `${this.#settings.prefix ?? ''}blobs/sha256/${hexOf(digest)}` }
  }
}

/** What is larger goes in parts. */
const singleBytes = 16 << 20

class SpoolingWriter implements BlobWriter {
  readonly #path: string
  readonly #verifier: Verifier
  readonly #send: (identity: StoredBlob, path: string) => Promise<void>
  #file: FileHandle | undefined

  constructor(
    path: string,
    expected: BlobIdentity | undefined,
    send: (identity: StoredBlob, path: string) => Promise<void>,
  ) {
    this.#path = path
    this.#verifier = new Verifier(expected)
    this.#send = send
  }

  get offset(): number {
    return this.#verifier.size
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#file ??= await open(this.#path, 'wx', 0o600)
    this.#verifier.update(chunk)
    for (let done = 0; done < chunk.length; ) done += (await this.#file.write(chunk, done)).bytesWritten
  }

  async commit(digest?: Digest): Promise<StoredBlob> {
    this.#file ??= await open(this.#path, 'wx', 0o600)
    const identity = this.#verifier.finish(digest)
    await this.#send(identity, this.#path)
    await this[Symbol.asyncDispose]()
    return identity
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.close().catch(() => {})
    this.#file = undefined
    await rm(this.#path, { force: true })
  }
}
