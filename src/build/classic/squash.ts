import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Cancellable } from '../../base/cancellable.ts'
import { mergeLayers } from '../../snapshot/merge-layers.ts'
import type { Digest } from '../../spec/digest.ts'
import type { ImageConfig } from '../../spec/oci-image.ts'
import type { GraphDeps } from '../graph/job.ts'
import type { Narrated } from './narrate.ts'

/** The image with all that was built on `from` as one layer; the one with many stays. */
export async function squash({ deps }: GraphDeps, { image, from }: Narrated, options: Cancellable): Promise<Digest> {
  const { images, snapshots, dir } = deps
  const whole = images.resolve(image)
  const base = from === undefined ? undefined : images.resolve(from)
  const layers = whole.chainId ? snapshots.layers(whole.chainId) : []
  const below = base?.chainId ? snapshots.layers(base.chainId) : []
  const place = mkdtempSync(join(dir, 'step-'))
  try {
    const merged = join(place, 'diff')
    mkdirSync(merged, { mode: 0o755 })
    await mergeLayers(layers.slice(0, layers.length - below.length), below, merged, options)
    const { chainId, diffId } = await images.storeLayer(base?.chainId, { adopt: merged })
    using _pin = images.pin([chainId])
    return await images.assembleImage(configOf(whole.config, base?.config, diffId, image, from), from)
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

function configOf(
  config: ImageConfig,
  base: ImageConfig | undefined,
  diffId: Digest,
  image: Digest,
  from: Digest | undefined,
): ImageConfig {
  const inherited = base?.history?.length ?? 0
  const history = (config.history ?? []).map((entry, i) => (i < inherited ? entry : { ...entry, empty_layer: true }))
  const comment = from ? `merge ${image} to ${from}` : `create new from ${image}`
  return {
    ...config,
    history: [...history, { ...(config.created ? { created: config.created } : {}), comment }],
    rootfs: { type: 'layers', diff_ids: [...(base?.rootfs.diff_ids ?? []), diffId] },
  }
}
