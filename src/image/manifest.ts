import { EngineError } from '../base/errors.ts'
import { isDigest } from '../spec/digest.ts'
import type { Descriptor, ImageConfig, Index, Manifest } from '../spec/oci-image.ts'

const isDescriptor = (value: unknown): value is Descriptor => {
  const { digest, size } = (value ?? {}) as Partial<Descriptor>
  return typeof digest === 'string' && isDigest(digest) && Number.isSafeInteger(size) && size! >= 0
}
const bad = (what: string) => new EngineError('invalid', `invalid ${what}`)

function parse(bytes: Buffer, what: string): Record<string, unknown> {
  try {
    const value = JSON.parse(bytes.toString())
    if (value && typeof value === 'object' && !Array.isArray(value)) return value
  } catch {}
  throw bad(what)
}

/** @throws EngineError `invalid` */
export function parseManifest(bytes: Buffer): Manifest {
  const value = parse(bytes, 'manifest') as unknown as Manifest
  if (!isDescriptor(value.config) || !Array.isArray(value.layers) || !value.layers.every(isDescriptor))
    throw bad('manifest')
  return value
}

/** @throws EngineError `invalid` */
export function parseIndex(bytes: Buffer): Index {
  const value = parse(bytes, 'manifest list') as unknown as Index
  if (!Array.isArray(value.manifests) || !value.manifests.every(isDescriptor)) throw bad('manifest list')
  return value
}

/** @throws EngineError `invalid` */
export function parseConfig(bytes: Buffer): ImageConfig {
  const value = parse(bytes, 'image configuration') as unknown as ImageConfig
  const diffIds = value.rootfs?.diff_ids ?? []
  if (!Array.isArray(diffIds) || !diffIds.every(isDigest)) throw bad('image configuration')
  if (value.config && typeof value.config !== 'object') throw bad('image configuration')
  return { ...value, rootfs: { type: 'layers', diff_ids: diffIds } }
}
