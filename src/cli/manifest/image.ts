import { createHash } from 'node:crypto'
import { NetworkError } from '../../remote/http.ts'
import { type Repository, withRepository } from '../../remote/repository.ts'
import type { Reference } from '../../spec/reference.ts'
import { formatReference } from '../../spec/reference.ts'
import type { Config } from '../config.ts'
import { readAuth } from '../credentials.ts'
import { ExitError } from '../errors.ts'

export interface Platform {
  readonly architecture: string
  readonly os: string
  readonly 'os.version'?: string
  readonly 'os.features'?: readonly string[]
  readonly variant?: string
}

export interface ManifestDescriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly platform?: Platform
}

/** One image's manifest as `docker manifest` keeps it on disk. */
export interface ImageManifest {
  readonly Ref: string
  readonly Descriptor: ManifestDescriptor
  /** the bytes as they came, base64 */
  readonly Raw?: string
  readonly SchemaV2Manifest?: ManifestBody
  readonly OCIManifest?: ManifestBody
}

interface ManifestBody {
  readonly config: { readonly digest: string; readonly mediaType: string; readonly size: number }
  readonly layers: readonly { readonly digest: string; readonly size: number; readonly mediaType: string }[]
  readonly [field: string]: unknown
}

const dockerManifest = 'application/vnd.docker.distribution.manifest.v2+json'
const isList = (mediaType: string): boolean => /manifest\.list|image\.index/.test(mediaType)

/** A registry, spoken to by the client itself. */
export function onRegistry<T>(
  config: Config,
  reference: Reference,
  options: { readonly access: 'pull' | 'pull,push'; readonly isInsecure: boolean },
  body: (repository: Repository) => Promise<T>,
): Promise<T> {
  const remote = {
    insecureRegistries: options.isInsecure ? [reference.domain] : [],
    proxyEnv: config.environment,
    userAgent: 'Berth-Client/0.1.0 (linux)',
  }
  const access = { auth: readAuth(config, reference.domain), config: remote }
  return withRepository(reference, options.access, access, body).catch(error => {
    if (!(error instanceof NetworkError)) throw error
    throw new ExitError(1, `failed to configure transport: error pinging v2 registry: ${error.message}`, {
      cause: error,
    })
  })
}

async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of stream) parts.push(part)
  return Buffer.concat(parts)
}

async function toImage(repository: Repository, ref: string, bytes: Buffer, mediaType: string): Promise<ImageManifest> {
  const manifest = JSON.parse(bytes.toString()) as ManifestBody
  const text = await bytesOf(await repository.blob(manifest.config.digest as never, 0))
  const { architecture, os, variant, ...more } = JSON.parse(text.toString()) as Platform
  const Descriptor = {
    mediaType,
    digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    size: bytes.length,
    platform: {
      architecture,
      os,
      ...(more['os.version'] ? { 'os.version': more['os.version'] } : {}),
      ...(variant ? { variant } : {}),
    },
  }
  const kind = mediaType === dockerManifest ? 'SchemaV2Manifest' : 'OCIManifest'
  return { Ref: ref, Descriptor, Raw: bytes.toString('base64'), [kind]: manifest }
}

/** What a name stands for in its registry: one manifest, or a list with all of its. */
export async function fetchManifests(
  repository: Repository,
  reference: Reference,
): Promise<{
  readonly list: Readonly<Record<string, unknown>> | undefined
  readonly images: () => Promise<readonly ImageManifest[]>
}> {
  const found = await repository.manifest(reference.digest ?? reference.tag ?? 'latest')
  const { bytes, mediaType } = { bytes: found.bytes, mediaType: found.descriptor.mediaType }
  if (!isList(mediaType)) {
    const image = async () => [await toImage(repository, formatReference(reference), Buffer.from(bytes), mediaType)]
    return { list: undefined, images: image }
  }
  const list = JSON.parse(Buffer.from(bytes).toString()) as { readonly manifests: readonly ManifestDescriptor[] }
  const images = async () => {
    const all: ImageManifest[] = []
    for (const { digest, platform } of list.manifests) {
      const member = await repository.manifest(digest)
      const { tag: _tag, ...bare } = reference
      const ref = formatReference({ ...bare, digest: digest as never })
      const image = await toImage(repository, ref, Buffer.from(member.bytes), member.descriptor.mediaType)
      all.push(platform ? { ...image, Descriptor: { ...image.Descriptor, platform } } : image)
    }
    return all
  }
  return { list: list as unknown as Readonly<Record<string, unknown>>, images }
}

export const bodyOf = ({ OCIManifest, SchemaV2Manifest }: ImageManifest): ManifestBody => {
  const body = SchemaV2Manifest ?? OCIManifest
  if (!body) throw new ExitError(1, 'manifest is empty')
  return body
}
