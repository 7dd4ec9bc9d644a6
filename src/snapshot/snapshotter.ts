import type { Readable } from 'node:stream'
import type { Cancellable } from '../base/cancellable.ts'
import type { Digest } from '../spec/digest.ts'
import type { FilesystemChange } from '../spec/engine-api/container.ts'
import type { Mount } from '../spec/mount.ts'
import type { ArchiveIndex } from './archive-index.ts'
import type { SettledTimes } from './layer-tar.ts'

/** A layer on disk that stands on nothing yet. Disposing removes it, unless commit() took it. */
export interface UnpackedLayer extends AsyncDisposable {
  readonly diffId: Digest
  /** bytes of file content */
  readonly size: number
}

/** Disposing removes the directory. */
export interface ExtractedArchive extends AsyncDisposable {
  readonly directory: string
}

/** Extracted layers, each known by the chainID of the stack that it tops. */
/** An archive as it came. Disposing removes it. */
export interface HeldArchive extends AsyncDisposable {
  readonly index: ArchiveIndex
  /** As Snapshotter.extract(); only once. */
  extract(options?: Cancellable): Promise<ExtractedArchive>
}

export interface Snapshotter {
  readonly name: string

  has(chainId: Digest): boolean

  /**
   * Extracts `tar` (uncompressed) on top of `parent` and returns the new chainID when every byte of it is durable.
   * Extracting what is there succeeds without reading. On any failure nothing is left behind.
   *
   * @throws EngineError `invalid` when the bytes have another diffID, or an entry leads out of the layer
   */
  apply(parent: Digest | undefined, diffId: Digest, tar: Readable, options?: Cancellable): Promise<Digest>

  /**
   * Extracts a layer, compressed in whatever way, before the layers below it are there.
   * It has no name and survives no restart until commit().
   *
   * @throws EngineError `invalid` when the bytes are no layer, or an entry leads out of it
   */
  unpack(layer: Readable, options?: Cancellable): Promise<UnpackedLayer>

  /** Puts `layers`, lowest first, on top of `parent`; returns the chainID of the top when all are durable. */
  commit(parent: Digest | undefined, layers: readonly UnpackedLayer[]): Promise<Digest>

  /**
   * Makes the directory `upper` of a stopped writable layer, on this file system, a layer on top of `parent`:
   * a rename. `upper` is gone afterwards.
   *
   * @param times what becomes of the times of its files; default nothing
   */
  adopt(
    parent: Digest | undefined,
    upper: string,
    times?: SettledTimes,
  ): Promise<{ readonly chainId: Digest; readonly diffId: Digest }>

  /** Extracts an archive that is no layer, on the file system of the layers, for a while; contained like a layer. */
  extract(archive: Readable, options?: Cancellable): Promise<ExtractedArchive>

  /**
   * Keeps an archive, compressed in whatever way, and looks at what it holds: its files may never be needed.
   *
   * @param wanted paths of files whose contents are needed in any case
   */
  hold(archive: Readable, wanted: readonly string[], options?: Cancellable): Promise<HeldArchive>

  /** The uncompressed digest of this one layer. */
  diffIdOf(chainId: Digest): Digest

  /** Directories of the stack, topmost first, as overlay takes them. */
  layers(chainId: Digest): readonly string[]

  /** Bytes of file content in this one layer. */
  sizeOf(chainId: Digest): number

  /** The layer below; undefined for the lowest. */
  parentOf(chainId: Digest): Digest | undefined

  list(): readonly Digest[]

  /** Removes one layer; the caller knows that nothing stands on it. */
  remove(chainId: Digest): Promise<void>

  /** How to mount the stack, writable into `upper` (with `work` beside it), or read-only without them. */
  mount(chainId: Digest | undefined, writable?: { readonly upper: string; readonly work: string }): Mount

  /** What `upper` changes of the stack below it, in Docker's order. */
  changes(chainId: Digest | undefined, upper: string): Promise<readonly FilesystemChange[]>

  /** `upper` as an uncompressed layer with OCI whiteouts. */
  diff(upper: string, options?: Cancellable): Readable

  /**
   * Whether the directory of a layer still holds what it should: what `fresh`, the same layer unpacked again, holds,
   * or, for layers made here, what their diffID says. Reads every byte.
   */
  isSound(chainId: Digest, fresh?: UnpackedLayer): Promise<boolean>

  /** Puts `fresh` in the place of a damaged layer; the caller knows that nothing has it mounted. */
  replace(chainId: Digest, fresh: UnpackedLayer): Promise<void>

  /** Tidies what a crash left, and says how many unfinished things went; called before the engine answers anybody. */
  recover(): Promise<number>
}
