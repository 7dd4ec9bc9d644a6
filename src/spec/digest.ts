import { createHash } from 'node:crypto'

/** `sha256:<64 hex>`. Spec: https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests */
export type Digest = string

export const isDigest = (text: string): boolean => /^sha256:[0-9a-f]{64}$/.test(text)

export const digestOf = (data: string | Uint8Array): Digest =>
  `sha256:${createHash('sha256').update(data).digest('hex')}`

/** The 64 hex digits. */
export const hexOf = (digest: Digest): string => digest.slice(digest.indexOf(':') + 1)

/** The first 12 hex digits of a digest or id, as people read it. */
export const shortId = (id: string): string => hexOf(id).slice(0, 12)

/**
 * The digest of a stack of layers, lowest first.
 * Spec: https://github.com/opencontainers/image-spec/blob/main/config.md#layer-chainid
 */
export function chainIdOf(diffIds: readonly Digest[]): Digest {
  return diffIds.reduce((chain, diffId) => (chain ? digestOf(`${chain} ${diffId}`) : diffId), '')
}
