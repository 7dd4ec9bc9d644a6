import { type Digest, isDigest } from '../../../spec/digest.ts'
import type { Descriptor } from '../../../spec/oci-image.ts'

/** What builders leave for others: https://github.com/moby/buildkit/blob/master/cache/remotecache/v1/doc.go */
export const cacheConfigType = 'application/vnd.buildkit.cacheconfig.v0'

/** Where an image keeps the same: base64 of JSON, in its configuration. */
export const inlineField = 'moby.buildkit.cache.v0'

export interface CacheConfig {
  readonly layers: readonly {
    readonly blob: Digest
    readonly parent: number
    readonly annotations?: { readonly mediaType?: string; readonly diffID?: Digest; readonly size?: number }
  }[]
  readonly records: readonly { readonly digest: string; readonly layers: readonly { readonly layer: number }[] }[]
}

/** A layer by what its step depended on, as another builder left it. */
export interface CachedLayer {
  readonly key: string
  readonly diffId: Digest
  readonly blob: Descriptor | undefined
}

/** @param diffIds of the layers, where the configuration itself does not tell */
export function layersIn(
  text: string,
  blobs: readonly (Descriptor | undefined)[],
  diffIds?: readonly Digest[],
): readonly CachedLayer[] {
  const { layers = [], records = [] } = JSON.parse(text) as Partial<CacheConfig>
  const byDigest = new Map(blobs.map(blob => [blob?.digest, blob]))
  return records.flatMap(({ digest: key, layers: places }) => {
    const place = places?.[0]?.layer
    if (!isDigest(key) || !Number.isInteger(place) || place! < 0) return []
    const diffId = diffIds ? diffIds[place!] : layers[place!]?.annotations?.diffID
    const blob = diffIds ? blobs[place!] : byDigest.get(layers[place!]?.blob)
    return diffId && isDigest(diffId) ? [{ key, diffId, blob }] : []
  })
}
