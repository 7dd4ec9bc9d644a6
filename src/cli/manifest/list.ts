import type { ImageManifest } from './image.ts'

const dockerList = 'application/vnd.docker.distribution.manifest.list.v2+json'
const ociIndex = 'application/vnd.oci.image.index.v1+json'

/** The list that these images make. */
export function toList(images: readonly ImageManifest[]): {
  readonly mediaType: string
  readonly manifests: readonly object[]
} {
  const mediaType = images.some(({ OCIManifest }) => OCIManifest) ? ociIndex : dockerList
  const manifests = images.map(({ Descriptor: { digest, mediaType, platform, size } }) => ({
    mediaType,
    size,
    digest,
    platform,
  }))
  return { schemaVersion: 2, mediaType, manifests } as never
}
