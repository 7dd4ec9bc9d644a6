import type { Readable } from 'node:stream'
import type { Cancellable } from '../base/cancellable.ts'
import { EngineError } from '../base/errors.ts'
import { searchIndex } from '../remote/search.ts'
import type { Digest } from '../spec/digest.ts'
import type { CheckMessage, ImageVerbs } from '../spec/engine-api/engine.ts'
import type { ImageSummary } from '../spec/engine-api/image.ts'
import type { Descriptor, ImageConfig } from '../spec/oci-image.ts'
import type { Reference } from '../spec/reference.ts'
import { assembleImage } from './assemble.ts'
import { blobOfChain } from './blobs.ts'
import { type CheckOptions, checkContent } from './check.ts'
import { type CommitOptions, commitImage, type LayerSource, type StoredLayer, storeLayer } from './commit.ts'
import { type Composed, type ComposeRequest, composeImages } from './compose.ts'
import type { ImageDeps, VerbDeps } from './deps.ts'
import { inspectDistribution } from './distribution.ts'
import { findForPlatform } from './find.ts'
import { imageHistory } from './history.ts'
import { importImage } from './import.ts'
import type { IndexRecord } from './index-record.ts'
import { inspectImage } from './inspect.ts'
import { LayerFetcher } from './layers.ts'
import { layersSize, listImages, sizeOf } from './list.ts'
import { loadImages } from './load.ts'
import { Pruner } from './prune.ts'
import { pullImage } from './pull.ts'
import { pushImage } from './push.ts'
import { type RemoteOptions, type RemotePlace, withRemote } from './remote-place.ts'
import { removeImage } from './remove.ts'
import type { ImageLookup } from './resolved.ts'
import { saveImageAs, saveImages } from './save.ts'
import { chainsOf, ImageStore } from './store.ts'
import { tagImage } from './tag.ts'

export interface Images extends ImageVerbs, ImageLookup {
  /** For container commit and builder. */
  commitImage(options: CommitOptions): Promise<Digest>
  /** For the builder: an image of layers that are there, the lowest of them from `base`; `parent` is one step before. */
  assembleImage(config: ImageConfig, base?: Digest, parent?: Digest): Promise<Digest>
  /** Stores a layer that an image will name soon: pin it, or the next removal may take it. */
  storeLayer(
    parent: Digest | undefined,
    source: LayerSource,
    options?: { readonly signal?: AbortSignal },
  ): Promise<StoredLayer>
  has(id: Digest): boolean
  /** For the builder: images with the manifests that they leave the machine with, and what attests to them. */
  compose(request: ComposeRequest): Promise<Composed>
  /** A name for what was composed; one that pointed elsewhere moves silently. */
  tagComposed(composed: Composed, repo: string, tag: string): void
  /** The top layer of a stack as a blob that can be sent; pin it, or the next removal may take it. */
  blobOfChain(chain: Digest, options?: Cancellable): Promise<Descriptor>
  openBlob(digest: Digest): Readable
  /** @throws EngineError `not-found` */
  blob(digest: Digest): Descriptor
  /** Runs `body` with a repository, at whichever endpoint of its registry answers. */
  withRemote<T>(reference: Reference, options: RemoteOptions, body: (place: RemotePlace) => Promise<T>): Promise<T>
  /** Keeps blobs, chains and images while work in flight needs them. */
  pin(digests: Iterable<Digest>): Disposable
  /** As save(), of one image under names in full that it need not have here. */
  saveAs(id: Digest, names: readonly string[], index?: IndexRecord): Promise<Readable>
  /** The layers that images have. */
  chains(): readonly Digest[]
  /** Bytes of all layers and of the blobs that they came as, each counted once, for `system df`. */
  layersSize(): Promise<number>
  /** All images, their sizes with the blobs that layers came as, for `system df`. */
  listWithBlobs(): Promise<readonly ImageSummary[]>
  /** Reads every blob and layer; what is damaged is named, and with `repair` fetched again. */
  check(options: CheckOptions): AsyncIterable<CheckMessage>
  /** Blobs that records name. */
  usedBlobs(): ReadonlySet<Digest>
  /** Frees layers that only removed containers needed. */
  collect(): Promise<void>
  /** Tidies what a crash left; called before the engine answers anybody. */
  recover(): Promise<void>
}

/** Every verb of images, bound to what it needs. */
export function createImages(given: ImageDeps): Images {
  const store = new ImageStore(given.db, given.content, given.snapshots, given.chainsInUse)
  const deps: VerbDeps = { ...given, store }
  const layers = new LayerFetcher(deps)
  const pruner = new Pruner(deps)
  return {
    pull: (request, progress) => pullImage(deps, layers, request, progress),
    push: (name, options, progress) => pushImage(deps, name, options, progress),
    list: async options => listImages(deps, options),
    inspect: async (name, options) => inspectImage(deps, name, options),
    history: async (name, options) => imageHistory(deps, name, options),
    tag: async (name, repo, tag) => tagImage(deps, name, repo, tag),
    remove: (name, options) => removeImage(deps, name, options),
    prune: filters => pruner.prune(filters),
    save: (names, options) => saveImages(deps, names, options?.platforms),
    saveAs: async (id, names, index) => saveImageAs(deps, id, names, index),
    load: (tar, options, progress) => loadImages(deps, tar, options, progress),
    import: (source, options, progress) => importImage(deps, source, options, progress),
    commit: options => {
      if (!given.commitContainer) throw new EngineError('not-implemented', 'commit is not available')
      return given.commitContainer(options)
    },
    search: async (term, { limit: asked }) => {
      const limit = asked || 25
      if (limit < 1 || limit > 100) throw new EngineError('invalid', `limit ${limit} is outside the range of [1, 100]`)
      return searchIndex(term, limit, given.remote())
    },
    distribution: (name, auth) => inspectDistribution(deps, name, auth),
    resolve: (name, platform) => {
      const record = findForPlatform(deps, name, platform)
      store.touch(record.id)
      return {
        id: record.id,
        config: record.config,
        chainId: chainsOf(record.config).at(-1),
        size: sizeOf(deps, record),
      }
    },
    namesOf: id => store.tagsOf(id),
    commitImage: options => commitImage(deps, options),
    assembleImage: (config, base, parent) => assembleImage(deps, config, base, parent),
    storeLayer: (parent, source, options) => storeLayer(deps, parent, source, options),
    has: id => store.images.get(id) !== undefined,
    compose: request => composeImages(deps, request),
    tagComposed: ({ images, index }, repo, tag) => tagImage(deps, images[0]!, repo, tag, index),
    blobOfChain: (chain, options) => blobOfChain(deps, chain, options),
    openBlob: digest => deps.content.open(digest),
    blob: digest => {
      const size = deps.content.sizeOf(digest)
      if (size === undefined) throw new EngineError('not-found', `content ${digest} not found`)
      return { mediaType: 'application/octet-stream', digest, size }
    },
    withRemote: (reference, options, body) => withRemote(deps, reference, options, body),
    pin: digests => store.pin(digests),
    chains: () => [...store.images.values()].flatMap(({ config }) => chainsOf(config)),
    layersSize: () => layersSize(deps),
    collect: () => store.collectAll(),
    recover: async () => {
      const unfinished = (await given.content.recover()) + (await given.snapshots.recover())
      await store.collectAll()
      const bytes = store.freedBytes
      if (unfinished > 0 || bytes > 0) given.log.info('what nobody owned was reclaimed', { unfinished, bytes })
    },
    listWithBlobs: async () => listImages(deps, { all: true, filters: new Map(), sharedSize: true, withBlobs: true }),
    check: options => checkContent(deps, options),
    usedBlobs: () => store.usedBlobs(),
  }
}
