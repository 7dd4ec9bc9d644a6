import { type Digest, isDigest } from '../spec/digest.ts'
import { OciError } from './errors.ts'

/** One thing that a manifest needs to be whole. */
export interface Child {
  readonly digest: Digest
  /** bytes */
  readonly size: number
}

/** What the registry has to know of a manifest; the bytes themselves are content. */
export interface ManifestFacts {
  readonly mediaType: string
  readonly blobs: readonly Child[]
  readonly manifests: readonly Child[]
  readonly subject?: Digest
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
}

type Json = Readonly<Record<string, unknown>>

const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]
const indexTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]
/** Layers that licences keep elsewhere: they need not be here. */
const foreignLayer = /nondistributable|foreign/

const invalid = (reason: string) => new OciError('MANIFEST_INVALID', reason)
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Reads image manifests and indexes, OCI's and Docker's (schema 2).
 *
 * @throws OciError `MANIFEST_INVALID`
 */
export function parseManifest(bytes: Buffer, contentType: string | undefined): ManifestFacts {
  const json = parseObject(bytes)
  if (json.schemaVersion !== 2) throw invalid('schemaVersion must be 2')
  const told = contentType?.split(';')[0]?.trim().toLowerCase()
  const mediaType = told || text(json.mediaType)
  if (!mediaType) throw invalid('no media type')
  if (json.mediaType !== undefined && json.mediaType !== mediaType)
    throw invalid(`media type ${mediaType} differs from the manifest's own`)
  const about = { mediaType, ...subjectOf(json), ...annotationsOf(json) }
  if (manifestTypes.includes(mediaType)) return { ...about, ...imageFacts(json) }
  if (indexTypes.includes(mediaType)) return { ...about, ...indexFacts(json) }
  throw invalid(`unknown media type ${mediaType.slice(0, 100)}`)
}

function parseObject(bytes: Buffer): Json {
  try {
    const json: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (isObject(json)) return json
  } catch {}
  throw invalid('not a JSON object')
}

function imageFacts(json: Json) {
  if (json.manifests !== undefined) throw invalid('an image manifest has no manifests')
  const config = descriptor(json.config)
  const layers = list(json.layers).filter(layer => !isForeign(layer))
  const artifactType = text(json.artifactType) ?? text((json.config as Json).mediaType)
  return { blobs: [config, ...layers.map(descriptor)], manifests: [], ...(artifactType ? { artifactType } : {}) }
}

function indexFacts(json: Json) {
  if (json.layers !== undefined || json.config !== undefined) throw invalid('an index has no layers')
  const artifactType = text(json.artifactType)
  return { blobs: [], manifests: list(json.manifests).map(descriptor), ...(artifactType ? { artifactType } : {}) }
}

const isForeign = (layer: unknown) =>
  isObject(layer) && Array.isArray(layer.urls) && layer.urls.length > 0 && foreignLayer.test(String(layer.mediaType))

function subjectOf(json: Json): { subject?: Digest } {
  return json.subject === undefined || json.subject === null ? {} : { subject: descriptor(json.subject).digest }
}

function annotationsOf({ annotations }: Json): { annotations?: Record<string, string> } {
  if (annotations === undefined || annotations === null) return {}
  if (!isObject(annotations) || !Object.values(annotations).every(value => typeof value === 'string'))
    throw invalid('annotations must be strings')
  return { annotations: annotations as Record<string, string> }
}

function descriptor(value: unknown): Child {
  if (!isObject(value)) throw invalid('a descriptor is missing')
  const { digest, size } = value
  if (typeof digest !== 'string' || !isDigest(digest)) throw invalid('a descriptor has no sha256 digest')
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) throw invalid('a descriptor has no size')
  return { digest, size }
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid('a list is missing')
  return value
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
