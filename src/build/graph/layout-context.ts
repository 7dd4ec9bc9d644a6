import { EngineError } from '../../base/errors.ts'
import { formatPlatform, platformScore } from '../../image/platform.ts'
import type { ResolvedImage } from '../../image/resolved.ts'
import { chainIdOf, type Digest, isDigest } from '../../spec/digest.ts'
import type { BlobPlace } from '../../spec/engine-api/solver.ts'
import type { ImageConfig, Index, Manifest, Platform } from '../../spec/oci-image.ts'
import { readText } from './blob-text.ts'
import type { NamedNeeds } from './named-contexts.ts'

/**
 * The image in an OCI layout of the client's, as `--build-context name=oci-layout://directory` gives it.
 *
 * @param value `oci-layout://STORE[:TAG]@DIGEST`
 */
export async function imageOfLayout(
  { deps, client, options, progress }: NamedNeeds,
  name: string,
  value: string,
  platform: Platform,
  pin: (chain: Digest) => void,
): Promise<ResolvedImage> {
  const [, store, digest = ''] = /^oci-layout:\/\/([^:@]+)(?::[^@]*)?@(.+)$/.exec(value) ?? []
  if (!store || !isDigest(digest)) throw new EngineError('invalid', `context ${name}: ${value} names no image`)
  const { signal } = options
  const place = client.blobs(`oci:${store}`)
  return progress.during(`[context ${name}] load from OCI layout`, async () => {
    const manifest = await manifestFor(place, digest, platform)
    const config = JSON.parse((await readText(place, manifest.config.digest)).toString()) as ImageConfig
    const diffIds = config.rootfs?.diff_ids ?? []
    if (diffIds.length !== manifest.layers.length || !diffIds.every(isDigest))
      throw new EngineError('invalid', `context ${name}: layers and configuration do not match`)
    let chainId: Digest | undefined
    for (const [i, layer] of manifest.layers.entries()) {
      const next = chainIdOf(chainId ? [chainId, diffIds[i]!] : [diffIds[i]!])
      if (!deps.snapshots.has(next)) {
        const tar = await place.open(layer.digest, options)
        const stored = await deps.images.storeLayer(chainId, { tar, keep: false }, signal && { signal })
        if (stored.chainId !== next) throw new EngineError('invalid', `layer ${layer.digest} holds other files`)
      }
      pin(next)
      chainId = next
    }
    return { id: '' as Digest, config, chainId, size: 0 }
  })
}

async function manifestFor(place: BlobPlace, digest: Digest, platform: Platform): Promise<Manifest> {
  const found = JSON.parse((await readText(place, digest)).toString()) as Partial<Index> & Partial<Manifest>
  if (found.config && found.layers) return found as Manifest
  const scored = (found.manifests ?? []).map(each => ({ each, score: scoreOf(platform, each.platform) }))
  const best = scored.filter(({ score }) => score > 0).sort((a, b) => b.score - a.score)[0]
  if (!best) throw new EngineError('not-found', `no match for platform in manifest: ${formatPlatform(platform)}`)
  return manifestFor(place, best.each.digest, platform)
}

const scoreOf = (wanted: Platform, given: Platform | undefined): number => (given ? platformScore(wanted, given) : 1)
