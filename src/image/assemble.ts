import { EngineError } from '../base/errors.ts'
import { type Digest, digestOf } from '../spec/digest.ts'
import type { ImageConfig } from '../spec/oci-image.ts'
import type { VerbDeps } from './deps.ts'
import { chainsOf } from './store.ts'

/**
 * Makes an image of layers that are there already; returns its id when it is durable.
 *
 * @param base the image that the lowest layers came with: their blobs are named again
 * @param parent the image that this one is a step further than
 */
export async function assembleImage(
  deps: VerbDeps,
  config: ImageConfig,
  base: Digest | undefined,
  parent?: Digest,
): Promise<Digest> {
  const { store, snapshots, content } = deps
  const missing = chainsOf(config).find(chain => !snapshots.has(chain))
  if (missing) throw new EngineError('not-found', `layer ${missing} of the image does not exist`)
  const below = base === undefined ? undefined : store.images.get(base)
  const layers = config.rootfs.diff_ids.map((diffId, i) =>
    below?.config.rootfs.diff_ids[i] === diffId ? (below.layers[i] ?? null) : null,
  )
  const bytes = Buffer.from(JSON.stringify(config))
  const id = digestOf(bytes)
  await content.putBytes(bytes)
  store.save({ id, config, configSize: bytes.length, layers, ...(parent ? { parent } : {}) })
  return id
}
