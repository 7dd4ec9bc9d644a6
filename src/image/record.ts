import type { Digest } from '../spec/digest.ts'
import type { Descriptor, ImageConfig } from '../spec/oci-image.ts'

/** An image as it is kept: everything that must be known of it without reading a blob. */
export interface ImageRecord {
  /** digest of the configuration's bytes */
  readonly id: Digest
  readonly config: ImageConfig
  readonly configSize: number
  /** the blob of each layer; null while nobody needed one: the snapshot gives it, the same each time */
  readonly layers: readonly (Descriptor | null)[]
  /** the manifest that it came or was last sent with */
  readonly manifest?: Descriptor | undefined
  /** the index that named the manifest */
  readonly index?: Descriptor | undefined
  /** the image that it was made from here */
  readonly parent?: Digest | undefined
  readonly lastTagTime?: string | undefined
  /** milliseconds since 1970: a container or a build began with it */
  readonly lastUsed?: number | undefined
}

/** Where a name points; its key is the reference in full, `docker.io/library/x:latest` or `…@sha256:…`. */
export interface NameRecord {
  readonly image: Digest
  /** the index that the name means, when it came as one */
  readonly index?: Digest | undefined
  /** milliseconds since 1970 */
  readonly when: number
}
