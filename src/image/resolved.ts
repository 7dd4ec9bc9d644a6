import type { Digest } from '../spec/digest.ts'
import type { ImageConfig } from '../spec/oci-image.ts'

/** What a container is made from. */
export interface ResolvedImage {
  /** digest of the configuration */
  readonly id: Digest
  readonly config: ImageConfig
  /** undefined for an image without layers */
  readonly chainId: Digest | undefined
  /** uncompressed content of all layers, bytes */
  readonly size: number
}

/** The image store as containers see it. */
export interface ImageLookup {
  /**
   * Finds an image by id, short id, tag or digest.
   *
   * @param platform `os/arch[/variant]`; undefined is the host's
   * @throws EngineError `not-found` with Docker's text
   */
  resolve(name: string, platform?: string): ResolvedImage

  /** How people name the image with this id now, newest tag first; empty when it has no name. */
  namesOf(id: Digest): readonly string[]
}
