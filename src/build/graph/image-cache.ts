import { isEngineError, messageOf } from '../../base/errors.ts'
import type { ResolvedImage } from '../../image/resolved.ts'
import { chainIdOf, type Digest, isDigest } from '../../spec/digest.ts'
import type { RegistryAuth } from '../../spec/engine-api/engine.ts'
import type { CacheLocation } from '../../spec/engine-api/solver.ts'
import type { ImageConfig } from '../../spec/oci-image.ts'
import { formatReference, parseReference, withDefaultTag } from '../../spec/reference.ts'
import { fetchImage } from '../base-image.ts'
import type { Request } from './job.ts'
import type { Layer, LayerCache } from './layer-cache.ts'

/** Where BuildKit keeps what an image knows of its own making: base64 of JSON, in the image's configuration. */
const field = 'moby.buildkit.cache.v0'

type Needs = Omit<Request, 'imported'>

interface CacheConfig {
  readonly layers: readonly { readonly blob: Digest; readonly parent: number }[]
  readonly records: readonly { readonly digest: string; readonly layers: readonly { readonly layer: number }[] }[]
}

function chainsOf(diffIds: readonly Digest[]): readonly Digest[] {
  const chains: Digest[] = []
  for (const diffId of diffIds) chains.push(chains.length ? chainIdOf([chains.at(-1)!, diffId]) : diffId)
  return chains
}

/** `config` with what later builds need to find its layers by what they depend on. */
export function withCache(config: ImageConfig, cache: LayerCache): ImageConfig {
  const diffIds = config.rootfs.diff_ids
  const places = new Map(chainsOf(diffIds).map((chain, i) => [chain, i]))
  const records = cache.entries().flatMap(([key, { chainId }]) => {
    const layer = places.get(chainId)
    return layer === undefined ? [] : [{ digest: key, layers: [{ layer }] }]
  })
  const layers = diffIds.map((blob, i) => ({ blob, parent: i - 1 }))
  const known: CacheConfig = {
    layers,
    records: records.sort((a, b) => a.layers[0]!.layer - b.layers[0]!.layer || (a.digest < b.digest ? -1 : 1)),
  }
  return { ...config, [field]: Buffer.from(JSON.stringify(known)).toString('base64') } as ImageConfig
}

/** Keys of steps, and the layer that each gave, as an image tells; nothing for one that tells nothing or nonsense. */
export function cacheIn(config: ImageConfig): readonly (readonly [string, number])[] {
  const text = (config as unknown as Readonly<Record<string, unknown>>)[field]
  if (typeof text !== 'string') return []
  try {
    const { records } = JSON.parse(Buffer.from(text, 'base64').toString('utf8')) as CacheConfig
    const count = config.rootfs.diff_ids.length
    return records.flatMap(({ digest, layers }) => {
      const layer = layers?.[0]?.layer
      return isDigest(digest) && Number.isInteger(layer) && layer! >= 0 && layer! < count ? [[digest, layer!]] : []
    })
  } catch {
    return []
  }
}

/** What the images of `imports` know, for one build; one that cannot be had costs nothing but its time. */
export async function importCaches(
  request: Needs,
  imports: readonly CacheLocation[],
): Promise<ReadonlyMap<string, Layer>> {
  const found = new Map<string, Layer>()
  for (const { type, attributes } of imports) {
    const name = attributes.ref
    if (type !== 'registry' || !name) {
      await request.progress
        .during(`importing cache manifest from ${type}`, async () => {
          throw new Error(`cache import of type ${JSON.stringify(type)} is not supported`)
        })
        .catch(() => {})
      continue
    }
    try {
      await request.progress.during(`importing cache manifest from ${name}`, () => importOne(request, name, found))
    } catch (error) {
      request.options.signal?.throwIfAborted()
      request.deps.log.warn('build cache not imported', { name, error: messageOf(error) })
    }
  }
  return found
}

async function importOne(request: Needs, name: string, found: Map<string, Layer>): Promise<void> {
  const image = await fetchForNow(request, name)
  const diffIds = image.config.rootfs.diff_ids
  const chains = chainsOf(diffIds)
  for (const [key, layer] of cacheIn(image.config)) {
    found.set(key, { chainId: chains[layer]!, diffId: diffIds[layer]! })
  }
}

/** The image as its registry has it now; it is listed here afterwards only if it was before. */
async function fetchForNow(request: Needs, name: string): Promise<ResolvedImage> {
  const { deps, client, options, keep } = request
  const reference = withDefaultTag(parseReference(name))
  const isHere = localId(request, name) !== undefined
  const host = reference.domain === 'docker.io' ? 'registry-1.docker.io' : reference.domain
  const auth = await client.credentials(host)
  const auths = new Map<string, RegistryAuth>(
    auth ? [[reference.domain === 'docker.io' ? 'https://index.docker.io/v1/' : reference.domain, auth]] : [],
  )
  const wanted = { ...options, auths, pull: true, platform: undefined }
  const image = await fetchImage(deps, name, wanted, () => {}).catch(error => {
    if (!isHere) throw error
    return deps.images.resolve(name)
  })
  const chain = image.chainId
  keep.use(deps.images.pin([image.id, ...(chain ? [chain] : [])]))
  if (!isHere) await deps.images.remove(formatReference(reference), { force: false, noPrune: true })
  return image
}

function localId({ deps }: Needs, name: string): Digest | undefined {
  try {
    return deps.images.resolve(name).id
  } catch (error) {
    if (isEngineError(error, 'not-found')) return undefined
    throw error
  }
}
