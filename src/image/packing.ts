import { pipeline } from 'node:stream'
import { type Compression, decompress, gzip, zstd } from '../archive/compression.ts'
import type { Cancellable } from '../base/cancellable.ts'
import { type Descriptor, mediaTypes } from '../spec/oci-image.ts'
import { describeLayer, layerTarOf, outgoingLayer } from './blobs.ts'
import type { VerbDeps } from './deps.ts'
import type { ImageRecord } from './record.ts'

/** How layers are compressed on the way out. */
export interface Packing {
  readonly type: Extract<Compression, 'none' | 'gzip' | 'zstd'>
  /** undefined: the usual one */
  readonly level?: number | undefined
  /** also those that came from elsewhere */
  readonly force: boolean
}

const ociTypes = { none: mediaTypes.ociLayer, gzip: mediaTypes.ociLayerGzip, zstd: mediaTypes.ociLayerZstd } as const
const dockerTypes = {
  none: mediaTypes.dockerLayer,
  gzip: mediaTypes.dockerLayerGzip,
  zstd: mediaTypes.dockerLayerZstd,
} as const

/** The type of a layer in the words of the other vocabulary. */
export function typeIn(words: 'oci' | 'docker', mediaType: string): string {
  const [to, from] = words === 'oci' ? [ociTypes, dockerTypes] : [dockerTypes, ociTypes]
  const kind = (['none', 'gzip', 'zstd'] as const).find(each => from[each] === mediaType)
  return kind ? to[kind] : mediaType
}

/**
 * The blob of a layer, packed as wanted, and kept.
 *
 * @param inherited it came with the image that this one was made from: only force changes it
 */
export async function packedLayer(
  deps: VerbDeps,
  record: ImageRecord,
  layer: number,
  { type, level, force }: Packing,
  inherited: boolean,
  options: Cancellable = {},
): Promise<Descriptor> {
  const { content } = deps
  const known = record.layers[layer]
  const isHere = known && content.has(known.digest)
  if (inherited && !force) return isHere && type === 'none' ? known : outgoingLayer(deps, record, layer, options)
  const isSo = isHere && typeIn('oci', (await describeLayer(deps, known.digest)).mediaType) === ociTypes[type]
  if (isSo && (level === undefined || type === 'none')) return { ...known, mediaType: ociTypes[type] }
  const tar = isHere ? await decompress(content.open(known.digest)) : layerTarOf(deps, record, layer)
  const packed = type === 'none' ? tar : pipeline(tar, type === 'gzip' ? gzip(level) : zstd(level), () => {})
  return { mediaType: ociTypes[type], ...(await content.putUnknown(packed, options)) }
}
