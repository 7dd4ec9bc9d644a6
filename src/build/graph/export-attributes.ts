import { EngineError } from '../../base/errors.ts'
import type { Packing } from '../../image/packing.ts'
import type { Attributes, ExportRequest } from '../../spec/engine-api/solver.ts'

const truths: Readonly<Record<string, boolean>> = {
  ...{ 1: true, t: true, T: true, TRUE: true, true: true, True: true },
  ...{ 0: false, f: false, F: false, FALSE: false, false: false, False: false },
}

/**
 * A switch among the attributes of an exporter; empty is on, as clients write it.
 *
 * @throws EngineError `invalid` in BuildKit's words
 */
export function switchOf(attributes: Attributes, name: string): boolean | undefined {
  const value = attributes[name]
  if (value === undefined) return undefined
  if (value === '') return true
  if (value in truths) return truths[value]
  const shown = name === 'force-compression' ? `non-bool value ${value} specified` : 'non-bool value specified'
  throw new EngineError(
    'invalid',
    `${shown} for ${name}: strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`,
  )
}

const packings: Readonly<Record<string, Packing['type']>> = { uncompressed: 'none', gzip: 'gzip', zstd: 'zstd' }

/** What the attributes of an exporter that knows images say of its form. */
export interface ImageForm {
  readonly packing: Packing | undefined
  readonly words: 'oci' | 'docker' | undefined
  readonly byDigest: boolean
  readonly isStored: boolean
}

/** @throws EngineError `invalid`; attributes that nobody knows are ignored, as BuildKit does */
export function formOf({ attributes }: ExportRequest): ImageForm {
  const isOci = switchOf(attributes, 'oci-mediatypes')
  for (const name of ['push', 'unpack', 'name-canonical', 'registry.insecure']) switchOf(attributes, name)
  if (switchOf(attributes, 'rewrite-timestamp') && attributes.unpack && switchOf(attributes, 'unpack'))
    throw new EngineError('invalid', 'exporter option "rewrite-timestamp" conflicts with "unpack"')
  return {
    packing: packingOf(attributes),
    words: isOci === undefined ? undefined : isOci ? 'oci' : 'docker',
    byDigest: switchOf(attributes, 'push-by-digest') ?? false,
    isStored: switchOf(attributes, 'store') ?? true,
  }
}

function packingOf(attributes: Attributes): Packing | undefined {
  const { compression, 'compression-level': levelText } = attributes
  const force = switchOf(attributes, 'force-compression') ?? false
  if (compression === 'estargz')
    throw new EngineError('not-implemented', 'compression type estargz is not supported: gzip, zstd, uncompressed are')
  const type = packings[compression || 'gzip']
  if (!type) throw new EngineError('invalid', `unsupported compression type ${compression}`)
  if (levelText !== undefined && !/^[+-]?\d+$/.test(levelText))
    throw new EngineError(
      'invalid',
      `non-integer value ${levelText} specified for compression-level: strconv.ParseInt: parsing ${JSON.stringify(levelText)}: invalid syntax`,
    )
  const level = levelText === undefined ? undefined : Number(levelText)
  return compression || level !== undefined || force ? { type, level, force } : undefined
}
