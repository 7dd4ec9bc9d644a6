import type { ImageInspect, ImageSummary } from '../../spec/engine-api/image.ts'
import { atLeast } from '../versions.ts'

/** A list did not count containers until 1.51. */
export const uncounted = (image: ImageSummary, version: string): ImageSummary =>
  atLeast(version, '1.51') ? image : { ...image, Containers: -1 }

/** Until 1.44 an image had its size twice. */
export function adaptImageSummary(image: ImageSummary, version: string): ImageSummary {
  return {
    ...image,
    ...(!atLeast(version, '1.43') && !image.RepoDigests?.length && { RepoDigests: null }),
    ...(!atLeast(version, '1.44') && { VirtualSize: image.Size }),
  }
}

/** What a container's configuration has and an image's never means. */
const empty = {
  Hostname: '',
  Domainname: '',
  AttachStdin: false,
  AttachStdout: false,
  AttachStderr: false,
  Tty: false,
  OpenStdin: false,
  StdinOnce: false,
  Image: '',
}

/** An image as clients of an older API know it. */
export function adaptImage(image: ImageInspect, version: string): ImageInspect {
  return {
    ...image,
    ...(!atLeast(version, '1.44') && { VirtualSize: image.Size }),
    ...(!atLeast(version, '1.50') && image.Config && { Config: { ...empty, ...image.Config } }),
  }
}

const withoutEmpty = (image: ImageSummary): ImageSummary =>
  image.RepoDigests?.length ? image : { ...image, RepoDigests: null }

/** `GET /system/df`, where images are told as in a list, but those without digests have none at all. */
export function adaptUsage(usage: Readonly<Record<string, unknown>>, version: string): Record<string, unknown> {
  const images = usage.Images as readonly ImageSummary[] | null | undefined
  return {
    ...usage,
    ...(images && { Images: images.map(image => adaptImageSummary(image, version)).map(withoutEmpty) }),
  }
}
