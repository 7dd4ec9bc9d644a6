import type { Readable } from 'node:stream'
import { EngineError, isEngineError, messageOf } from '../../../base/errors.ts'
import { type Digest, isDigest } from '../../../spec/digest.ts'
import type { BlobPlace, CacheLocation } from '../../../spec/engine-api/solver.ts'
import { type Descriptor, type ImageConfig, type Index, type Manifest, mediaTypes } from '../../../spec/oci-image.ts'
import { formatReference, parseReference, type Reference, withDefaultTag } from '../../../spec/reference.ts'
import { readText } from '../blob-text.ts'
import type { Request } from '../job.ts'
import { type CachedLayer, cacheConfigType, layersIn } from './config.ts'
import { cacheInImage } from './inline.ts'

type Needs = Omit<Request, 'imported'>

/** What another builder made, to be fetched when a step wants it. */
export interface ImportedLayer {
  readonly diffId: Digest
  /** undefined: it is here, or nowhere */
  readonly fetch: (() => Promise<Readable>) | undefined
}

const manifestLimit = 32

/** What the places of `imports` know, for one build; one that cannot be had costs nothing but its time. */
export async function importCaches(
  request: Needs,
  imports: readonly CacheLocation[],
): Promise<ReadonlyMap<string, ImportedLayer>> {
  const found = new Map<string, ImportedLayer>()
  for (const location of imports) {
    const { type, attributes } = location
    const name = (type === 'registry' ? attributes.ref : attributes.src) ?? type
    try {
      await request.progress.during(`importing cache manifest from ${name}`, () => importOne(request, location, found))
    } catch (error) {
      request.options.signal?.throwIfAborted()
      request.deps.log.warn('build cache not imported', { name, error: messageOf(error) })
    }
  }
  return found
}

async function importOne(
  request: Needs,
  { type, attributes }: CacheLocation,
  found: Map<string, ImportedLayer>,
): Promise<void> {
  if (type === 'registry' && attributes.ref) return importFromRegistry(request, attributes.ref, found)
  if (type === 'local' && attributes.src) return importFromClient(request, attributes, found)
  throw new EngineError('not-implemented', `cache import of type ${JSON.stringify(type)} is not supported`)
}

async function importFromClient(
  request: Needs,
  attributes: CacheLocation['attributes'],
  found: Map<string, ImportedLayer>,
) {
  const { digest, src } = attributes
  if (!digest || !isDigest(digest)) throw new EngineError('invalid', 'local cache importer requires digest')
  const place = request.client.blobs(`local:${src}`)
  const layers = await layersOf(place, await readText(place, digest), each => readText(place, each))
  remember(found, layers, blob => () => place.open(blob.digest, request.options))
}

async function importFromRegistry(request: Needs, name: string, found: Map<string, ImportedLayer>): Promise<void> {
  const { deps, client, options } = request
  const reference = withDefaultTag(parseReference(name))
  const auth = await client.credentials(reference.domain === 'docker.io' ? 'registry-1.docker.io' : reference.domain)
  const access = { access: 'pull' as const, auth, signal: options.signal }
  try {
    const layers = await deps.images.withRemote(reference, access, async place => {
      const { bytes } = await place.manifest(reference.digest ?? reference.tag!, options)
      const manifestOf = async (digest: Digest) => (await place.manifest(digest, options)).bytes
      return layersOf(place, bytes, manifestOf)
    })
    remember(
      found,
      layers,
      blob => () => deps.images.withRemote(reference, access, place => place.open(blob.digest, options)),
    )
  } catch (error) {
    const local = localConfig(request, reference)
    if (!local) throw error
    remember(found, cacheInImage(local), () => undefined)
  }
}

function remember(
  found: Map<string, ImportedLayer>,
  layers: readonly CachedLayer[],
  fetchOf: (blob: Descriptor) => ImportedLayer['fetch'],
): void {
  for (const { key, diffId, blob } of layers) found.set(key, { diffId, fetch: blob && fetchOf(blob) })
}

/** An image of the name that is here, where there is no registry to ask. */
function localConfig({ deps }: Needs, reference: Reference): ImageConfig | undefined {
  try {
    return deps.images.resolve(formatReference(reference)).config
  } catch (error) {
    if (isEngineError(error, 'not-found')) return undefined
    throw error
  }
}

/** All layers behind a manifest: of a cache in either of its forms, of an image, of an image for several platforms. */
async function layersOf(
  place: BlobPlace,
  bytes: Buffer,
  manifestOf: (digest: Digest) => Promise<Buffer>,
): Promise<readonly CachedLayer[]> {
  const manifest = JSON.parse(bytes.toString()) as Partial<Manifest> & Partial<Index>
  if (manifest.manifests) return layersOfIndex(place, manifest.manifests, manifestOf)
  if (!manifest.config) return []
  const { layers = [] } = manifest
  const config = (await readText(place, manifest.config.digest)).toString()
  if (manifest.config.mediaType === cacheConfigType) return layersIn(config, layers)
  return cacheInImage(JSON.parse(config) as ImageConfig, layers)
}

async function layersOfIndex(
  place: BlobPlace,
  manifests: readonly Descriptor[],
  manifestOf: (digest: Digest) => Promise<Buffer>,
): Promise<readonly CachedLayer[]> {
  const config = manifests.find(({ mediaType }) => mediaType === cacheConfigType)
  if (config) return layersIn((await readText(place, config.digest)).toString(), manifests)
  const found: CachedLayer[] = []
  for (const { digest, mediaType } of manifests.slice(0, manifestLimit)) {
    if (mediaType !== mediaTypes.ociManifest && mediaType !== mediaTypes.dockerManifest) continue
    found.push(...(await layersOf(place, await manifestOf(digest), manifestOf)))
  }
  return found
}
