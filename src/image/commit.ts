import type { Readable } from 'node:stream'
import type { Cancellable } from '../base/cancellable.ts'
import { EngineError } from '../base/errors.ts'
import { formatNanos, nowNanos } from '../base/time.ts'
import type { SettledTimes } from '../snapshot/layer-tar.ts'
import { chainIdOf, type Digest, digestOf } from '../spec/digest.ts'
import type { Descriptor, ExecutionConfig, HistoryEntry, ImageConfig, Platform } from '../spec/oci-image.ts'
import { formatReference, parseReference, withDefaultTag } from '../spec/reference.ts'
import { describeLayer } from './blobs.ts'
import type { VerbDeps } from './deps.ts'
import { imageEvent } from './event.ts'
import { chainsOf } from './store.ts'

/** Where the new layer comes from: a tar in any compression, or the directory of a writable layer. */
export type LayerSource =
  | { readonly tar: Readable /** false: the layer is wanted, not its blob */; readonly keep?: boolean }
  /** read as it is and left alone: it may belong to a container */
  | { readonly upper: string }
  /** becomes the layer, by renaming; gone afterwards */
  | { readonly adopt: string; readonly times?: SettledTimes }

export interface CommitOptions extends Cancellable {
  readonly parent?: Digest | undefined
  /** undefined: an image with the layers of its parent */
  readonly layer?: LayerSource | undefined
  /** the whole configuration of the new image, not merged any more */
  readonly config: ExecutionConfig
  readonly platform?: Platform | undefined
  readonly comment?: string | undefined
  readonly author?: string | undefined
  /** RFC 3339; default now */
  readonly created?: string | undefined
  readonly createdBy?: string | undefined
  /** id of the container, for the configuration's `container` */
  readonly container?: string | undefined
  /** the whole history, for a builder that keeps its own; default the parent's and one entry more */
  readonly history?: readonly HistoryEntry[] | undefined
  readonly repo?: string | undefined
  readonly tag?: string | undefined
}

export interface StoredLayer {
  readonly diffId: Digest
  readonly chainId: Digest
  /** undefined when the layer can be made from its directory whenever it is needed */
  readonly blob: Descriptor | null
}

/** Stores a layer on top of `parent`; durable when it returns, but kept only while an image or a pin names it. */
export async function storeLayer(
  deps: VerbDeps,
  parent: Digest | undefined,
  source: LayerSource,
  options: Cancellable = {},
): Promise<StoredLayer> {
  const { snapshots, content } = deps
  if ('adopt' in source) return { ...(await snapshots.adopt(parent, source.adopt, source.times)), blob: null }
  const blob = 'tar' in source && source.keep !== false ? await content.putUnknown(source.tar, options) : undefined
  try {
    const input = blob
      ? content.open(blob.digest)
      : 'tar' in source
        ? source.tar
        : snapshots.diff(source.upper, options)
    await using layer = await snapshots.unpack(input, options)
    const chainId = chainIdOf(parent ? [parent, layer.diffId] : [layer.diffId])
    if (!snapshots.has(chainId)) await snapshots.commit(parent, [layer])
    return { diffId: layer.diffId, chainId, blob: blob ? await describeLayer(deps, blob.digest) : null }
  } catch (error) {
    if (blob) await deps.store.collect([blob.digest], [])
    throw error
  }
}

/** Makes an image from a parent, a layer and a configuration; returns its id when all is durable. */
export async function commitImage(deps: VerbDeps, options: CommitOptions): Promise<Digest> {
  const { store } = deps
  const name = options.repo ? parseName(options.repo, options.tag) : undefined
  const parent = options.parent === undefined ? undefined : store.images.get(options.parent)
  if (options.parent !== undefined && !parent) throw new EngineError('not-found', `No such image: ${options.parent}`)
  const parentChain = parent && chainsOf(parent.config).at(-1)
  using _pin = store.pin(parentChain ? [parentChain] : [])
  const layer = options.layer && (await storeLayer(deps, parentChain, options.layer, options))
  using _layerPin = store.pin(layer ? [layer.chainId, ...(layer.blob ? [layer.blob.digest] : [])] : [])
  const config = buildConfig(deps, options, parent?.config, layer)
  const bytes = Buffer.from(JSON.stringify(config))
  const id = digestOf(bytes)
  await deps.content.putBytes(bytes)
  const layers = [...(parent?.layers ?? []), ...(layer ? [layer.blob] : [])]
  store.save({ id, config, configSize: bytes.length, layers, parent: options.parent }, name ? [name] : [])
  if (name) deps.emit(imageEvent('tag', id, name.replace(/^docker\.io\/(library\/)?/, ''), store.images.get(id)))
  return id
}

function parseName(repo: string, tag: string | undefined): string {
  const reference = parseReference(repo)
  if (reference.digest) throw new EngineError('invalid', 'refusing to create a tag with a digest reference')
  return formatReference(withDefaultTag(tag ? parseReference(`${repo.replace(/:[^:/]*$/, '')}:${tag}`) : reference))
}

function buildConfig(
  deps: VerbDeps,
  options: CommitOptions,
  parent: ImageConfig | undefined,
  layer: StoredLayer | undefined,
): ImageConfig {
  const created = options.created ?? formatNanos(nowNanos())
  const { os, architecture, variant } = options.platform ?? parent ?? deps.platform
  const entry: HistoryEntry = {
    created,
    ...(options.createdBy ? { created_by: options.createdBy } : {}),
    ...(options.author ? { author: options.author } : {}),
    ...(options.comment ? { comment: options.comment } : {}),
    ...(layer ? {} : { empty_layer: true }),
  }
  return {
    architecture,
    ...(variant ? { variant } : {}),
    os,
    ...(options.author ? { author: options.author } : {}),
    ...(options.container ? { container: options.container } : {}),
    created,
    config: options.config,
    history: options.history ?? [...(parent?.history ?? []), entry],
    rootfs: { type: 'layers', diff_ids: [...(parent?.rootfs.diff_ids ?? []), ...(layer ? [layer.diffId] : [])] },
  }
}
