import { createReadStream, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { type FileHandle, link, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { syncDir } from '../base/atomic-file.ts'
import type { Cancellable } from '../base/cancellable.ts'
import { hasCode } from '../base/errors.ts'
import { type Digest, hexOf, isDigest } from '../spec/digest.ts'
import { BaseStore } from './base-store.ts'
import type { BlobIdentity, BlobWriter, StoredBlob } from './content-store.ts'
import { copyFile } from './copy-file.ts'
import { noSuchBlob, Verifier } from './verify.ts'

/** Blobs as files `blobs/sha256/<hex>` below `root`, written in `ingest/` and renamed when they are whole and synced. */
export class LocalContentStore extends BaseStore {
  readonly #blobs: string
  readonly #ingest: string
  #ingests = 0

  constructor(root: string) {
    super()
    this.#blobs = join(root, 'blobs', 'sha256')
    this.#ingest = join(root, 'ingest')
    mkdirSync(this.#blobs, { recursive: true, mode: 0o700 })
    mkdirSync(this.#ingest, { recursive: true, mode: 0o700 })
  }

  has(digest: Digest): boolean {
    return this.sizeOf(digest) !== undefined
  }

  sizeOf(digest: Digest): number | undefined {
    return isDigest(digest) ? statSync(this.#path(digest), { throwIfNoEntry: false })?.size : undefined
  }

  open(digest: Digest, range: { readonly start: number; readonly end?: number } = { start: 0 }): Readable {
    if (!this.has(digest)) throw noSuchBlob(digest)
    const end = range.end === undefined ? {} : { end: range.end - 1 }
    return createReadStream(this.#path(digest), { start: range.start, ...end, highWaterMark: 256 * 1024 })
  }

  override async copyTo(
    digest: Digest,
    out: Writable,
    range: { readonly start: number; readonly end?: number } = { start: 0 },
  ): Promise<void> {
    const size = this.sizeOf(digest)
    if (size === undefined) throw noSuchBlob(digest)
    await copyFile(this.#path(digest), out, range.start, Math.min(size, range.end ?? size))
  }

  /** Another name for the file where both are on one file system; else a copy. */
  override async putFile(path: string, options: Cancellable = {}): Promise<StoredBlob> {
    const identity = await identify(path, options)
    const target = this.#path(identity.digest)
    if (this.has(identity.digest)) return identity
    try {
      await using file = await open(path, 'r+')
      await file.chown(0, 0).catch(() => {})
      await file.chmod(0o600)
      await file.sync()
      await link(path, target)
    } catch (error) {
      if (hasCode(error, 'EEXIST')) return identity
      if (!hasCode(error, 'EXDEV') && !hasCode(error, 'EPERM')) throw error
      return await super.putFile(path, options)
    }
    syncDir(this.#blobs)
    return identity
  }

  async delete(digest: Digest): Promise<void> {
    await rm(this.#path(digest), { force: true })
  }

  async list(): Promise<readonly StoredBlob[]> {
    const names = await readdir(this.#blobs)
    return Promise.all(
      names.map(async name => ({ digest: `sha256:${name}`, size: (await stat(join(this.#blobs, name))).size })),
    )
  }

  async recover(): Promise<number> {
    const names = readdirSync(this.#ingest)
    for (const name of names) rmSync(join(this.#ingest, name), { recursive: true, force: true })
    return names.length
  }

  protected openWriter(expected: BlobIdentity | undefined): BlobWriter {
    const path = join(this.#ingest, `${process.pid}-${++this.#ingests}`)
    return new FileWriter(path, expected, digest => this.#path(digest))
  }

  #path(digest: Digest): string {
    return join(this.#blobs, hexOf(digest))
  }
}

async function identify(path: string, { signal }: Cancellable): Promise<StoredBlob> {
  const verifier = new Verifier()
  const source = createReadStream(path, { highWaterMark: 1 << 20, ...(signal ? { signal } : {}) })
  for await (const chunk of source) verifier.update(chunk)
  return verifier.finish()
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length; ) done += (await file.write(chunk, done)).bytesWritten
}

class FileWriter implements BlobWriter {
  readonly #path: string
  readonly #verifier: Verifier
  readonly #target: (digest: Digest) => string
  #file: FileHandle | undefined

  constructor(path: string, expected: BlobIdentity | undefined, target: (digest: Digest) => string) {
    this.#path = path
    this.#verifier = new Verifier(expected)
    this.#target = target
  }

  get offset(): number {
    return this.#verifier.size
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#file ??= await open(this.#path, 'wx', 0o600)
    const writing = writeAll(this.#file, chunk)
    writing.catch(() => {})
    this.#verifier.update(chunk) // while another thread writes
    await writing
  }

  async commit(digest?: Digest): Promise<StoredBlob> {
    this.#file ??= await open(this.#path, 'wx', 0o600)
    const identity = this.#verifier.finish(digest)
    await this.#file.sync()
    await this.#file.close()
    this.#file = undefined
    const target = this.#target(identity.digest)
    await rename(this.#path, target)
    syncDir(join(target, '..'))
    return identity
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.close().catch(() => {})
    this.#file = undefined
    await rm(this.#path, { force: true })
  }
}
