import { Readable } from 'node:stream'
import { EngineError } from '../../../base/errors.ts'
import { type Digest, digestOf } from '../../../spec/digest.ts'
import type { Attributes, BlobPlace, CacheLocation } from '../../../spec/engine-api/solver.ts'
import { type Descriptor, type Manifest, mediaTypes } from '../../../spec/oci-image.ts'
import { formatReference, parseReference, withDefaultTag } from '../../../spec/reference.ts'
import type { Exporting } from '../export.ts'
import type { BuiltImage } from '../job.ts'
import type { StepProgress } from '../progress.ts'
import type { StepLayer } from '../run-steps.ts'
import { type CacheConfig, cacheConfigType } from './config.ts'

/** Every step of a build with its layer, by its key. */
export type StepLayers = ReadonlyMap<string, StepLayer>

const kinds = ['inline', 'registry', 'local']

/** @throws EngineError `not-implemented` for a kind of place that there is not */
export function checkCacheExports(locations: readonly CacheLocation[]): void {
  for (const { type } of locations)
    if (!kinds.includes(type))
      throw new EngineError(
        'not-implemented',
        `cache export of type ${JSON.stringify(type)} is not supported: ${kinds.join(', ')} are`,
      )
}

/** Leaves what the build made where later builds find it. */
export async function exportCache(
  exporting: Exporting,
  images: readonly BuiltImage[],
  made: StepLayers,
  { type, attributes }: CacheLocation,
): Promise<Attributes> {
  const wanted = attributes.mode === 'max' ? made : onlyResult(made, images)
  try {
    return await (type === 'registry' ? toRegistry : toClient)(exporting, wanted, attributes)
  } catch (error) {
    if (attributes['ignore-error'] !== 'true' || exporting.signal?.aborted) throw error
    return {}
  }
}

/** The steps whose files the result holds. */
function onlyResult(made: StepLayers, images: readonly BuiltImage[]): StepLayers {
  const parents = new Map([...made.values()].map(({ chainId, parent }) => [chainId, parent]))
  const wanted = new Set<Digest>()
  for (const { stack } of images)
    for (let chain = stack.chainId; chain && parents.has(chain); chain = parents.get(chain)) wanted.add(chain)
  return new Map([...made].filter(([, { chainId }]) => wanted.has(chainId)))
}

async function toRegistry(exporting: Exporting, layers: StepLayers, { ref }: Attributes): Promise<Attributes> {
  const { deps, client, progress, signal } = exporting
  if (!ref) throw new EngineError('invalid', 'registry cache exporter requires ref')
  const name = withDefaultTag(parseReference(ref))
  const auth = await client.credentials(name.domain === 'docker.io' ? 'registry-1.docker.io' : name.domain)
  await progress.during('exporting cache to registry', step =>
    deps.images.withRemote(name, { access: 'pull,push', auth, signal }, async place => {
      const bytes = await sendLayers(exporting, layers, place, step)
      await step.part(`writing cache manifest to ${formatReference(name)}`, () =>
        place.putManifest(name.tag!, mediaTypes.ociManifest, bytes, { signal }),
      )
    }),
  )
  return {}
}

async function toClient(exporting: Exporting, layers: StepLayers, { dest }: Attributes): Promise<Attributes> {
  if (!dest) throw new EngineError('invalid', 'local cache exporter requires dest')
  const place = exporting.client.blobs(`local:${dest}`)
  return exporting.progress.during('exporting cache to client directory', async step => {
    const bytes = await sendLayers(exporting, layers, place, step)
    const manifest = await putBytes(place, mediaTypes.ociManifest, bytes)
    return { 'cache.manifest': JSON.stringify(manifest) }
  })
}

/** Sends layers and what is known of them; returns the manifest, which is to be sent last. */
async function sendLayers(
  { deps, signal }: Exporting,
  made: StepLayers,
  place: BlobPlace,
  step: StepProgress,
): Promise<Buffer> {
  const blobs = new Map<Digest, Descriptor>()
  for (const { chainId } of made.values()) {
    if (blobs.has(chainId)) continue
    const blob = await step.part(`preparing build cache for export`, () => deps.images.blobOfChain(chainId, { signal }))
    using _pin = deps.images.pin([blob.digest])
    if (!(await place.has(blob.digest, { signal })))
      await step.part(`writing layer ${blob.digest}`, () =>
        place.put(blob, () => deps.images.openBlob(blob.digest), { signal }),
      )
    blobs.set(chainId, blob)
  }
  const config = await step.part('writing config', () =>
    putBytes(place, cacheConfigType, Buffer.from(JSON.stringify(toConfig(made, blobs)))),
  )
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config,
    layers: [...new Map([...blobs.values()].map(blob => [blob.digest, blob])).values()],
  }
  return Buffer.from(JSON.stringify(manifest))
}

function toConfig(made: StepLayers, blobs: ReadonlyMap<Digest, Descriptor>): CacheConfig {
  const places = new Map([...blobs.keys()].map((chain, i) => [chain, i]))
  const byChain = new Map([...made.values()].map(layer => [layer.chainId, layer]))
  const layers = [...blobs].map(([chain, { digest, mediaType, size }]) => {
    const { parent, diffId } = byChain.get(chain)!
    return {
      blob: digest,
      parent: parent === undefined ? -1 : (places.get(parent) ?? -1),
      annotations: { mediaType, diffID: diffId, size },
    }
  })
  const records = [...made].map(([digest, { chainId }]) => ({ digest, layers: [{ layer: places.get(chainId)! }] }))
  return { layers, records: records.sort((a, b) => (a.digest < b.digest ? -1 : 1)) }
}

async function putBytes(place: BlobPlace, mediaType: string, bytes: Buffer): Promise<Descriptor> {
  const blob = { mediaType, digest: digestOf(bytes), size: bytes.length }
  if (!(await place.has(blob.digest))) await place.put(blob, () => Readable.from([bytes], { objectMode: false }))
  return blob
}
