import type { Readable, Writable } from 'node:stream'
import type { Cancellable } from '../base/cancellable.ts'
import type { Digest } from '../spec/digest.ts'

/** What is known of a blob before it is read. */
export interface BlobIdentity {
  readonly digest: Digest
  /** bytes; undefined when nobody told */
  readonly size?: number | undefined
}

export interface StoredBlob {
  readonly digest: Digest
  /** bytes */
  readonly size: number
  /** where several processes store: when, in milliseconds since 1970 */
  readonly storedAt?: number | undefined
}

/** One blob on its way in. Disposing without commit() leaves nothing behind. */
export interface BlobWriter extends AsyncDisposable {
  /** bytes taken so far: where an interrupted download goes on */
  readonly offset: number

  /** @throws EngineError `invalid` as soon as there are more bytes than expected */
  write(chunk: Uint8Array): Promise<void>

  /**
   * Returns what was stored when the blob is whole, on disk and visible.
   *
   * @param digest what the bytes must be, for those who learn it last
   * @throws EngineError `invalid` when the bytes have another digest or size; the writer is empty then
   */
  commit(digest?: Digest): Promise<StoredBlob>
}

/** Immutable blobs, each known by the digest of its bytes. No reader ever sees half of one. */
export interface ContentStore {
  has(digest: Digest): boolean

  /** Bytes; undefined when it is not there. */
  sizeOf(digest: Digest): number | undefined

  /** @throws EngineError `not-found` */
  open(digest: Digest, range?: { readonly start: number; readonly end?: number }): Readable

  /**
   * Writes a blob, or the half-open range of it, to `out` without ending it: the fast way to a socket.
   *
   * @throws EngineError `not-found`
   */
  copyTo(digest: Digest, out: Writable, range?: { readonly start: number; readonly end?: number }): Promise<void>

  /**
   * The whole of a small blob, verified.
   *
   * @throws EngineError `not-found`, or `invalid` when the disk holds other bytes or more than 16 MiB
   */
  read(digest: Digest): Promise<Buffer>

  /**
   * Stores `source` as `expected` and returns when the bytes are whole and on disk.
   * Storing what is already there succeeds without reading. On any failure nothing is left behind.
   *
   * @throws EngineError `invalid` when the bytes have another digest or size
   * Spec: https://github.com/opencontainers/image-spec/blob/main/descriptor.md#verification
   */
  put(expected: BlobIdentity, source: Readable, options?: Cancellable): Promise<void>

  /** Stores bytes that are in memory and returns their digest. */
  putBytes(bytes: Uint8Array): Promise<Digest>

  /** Stores a stream whose digest nobody knows yet. */
  putUnknown(source: Readable, options?: Cancellable): Promise<StoredBlob>

  /** As putUnknown(), of a file that nobody will change any more: it may become the blob. */
  putFile(path: string, options?: Cancellable): Promise<StoredBlob>

  /** Several writers of one digest do not disturb each other. */
  writer(expected?: BlobIdentity): Promise<BlobWriter>

  /** Deleting what is not there succeeds. */
  delete(digest: Digest): Promise<void>

  list(): Promise<readonly StoredBlob[]>

  /** Tidies what a crash left, and says how many unfinished things went; called before the engine answers anybody. */
  recover(): Promise<number>
}

/** Largest blob that read() hands over in one piece: manifests and configurations are smaller. */
export const readLimit = 16 << 20
