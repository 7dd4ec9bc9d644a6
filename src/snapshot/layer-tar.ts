import { type BigIntStats, lstatSync, lutimesSync, readdirSync } from 'node:fs'
import { type TarEntry, tarEntry, toByteString } from '../archive/tar-entry.ts'
import { encodeTarHeader, tarTrailer } from '../archive/tar-header.ts'
import { getXattr } from '../kernel/file-metadata.ts'
import { fsPath } from './contained-path.ts'
import { describe, member } from './tar-members.ts'

export const isWhiteout = (stat: BigIntStats): boolean => stat.isCharacterDevice() && stat.rdev === 0n
export const isOpaque = (path: string): boolean => getXattr(path, 'trusted.overlay.opaque')?.toString() === 'y'

/** Times that do not depend on when or where a layer was made. */
export interface SettledTimes {
  /** since 1970: nothing is younger */
  readonly seconds: number
  /** everything gets that time, also what is older: files of a context, whose times are those of a checkout */
  readonly all: boolean
}

export interface LayerTarOptions {
  /** set on disk, too, before the member is written */
  readonly times?: SettledTimes | undefined
  readonly onFile?: (stat: BigIntStats) => void
}

/** The upper directory of an overlay as an OCI layer, piece by piece. The same directory gives the same bytes. */
export function* layerTar(upper: string, options: LayerTarOptions = {}): Generator<Buffer> {
  const root = toByteString(upper)
  const firstNames = new Map<bigint, string>()
  if (options.times) settle(root, lstatSync(fsPath(root), { bigint: true }), options.times)
  yield* directory(root, '', firstNames, options)
  yield tarTrailer
}

/** Files that have the time already are not touched: they may be other names of files elsewhere. */
function settle(path: string, stat: BigIntStats, { seconds, all }: SettledTimes): void {
  const nanos = BigInt(seconds) * 1_000_000_000n
  if (stat.mtimeNs === nanos || (stat.mtimeNs < nanos && !all)) return
  lutimesSync(fsPath(path), seconds, seconds)
  stat.mtimeNs = nanos
}

function* directory(
  root: string,
  dir: string,
  firstNames: Map<bigint, string>,
  options: LayerTarOptions,
): Generator<Buffer> {
  const names = readdirSync(fsPath(`${root}/${dir}`), { encoding: 'latin1' }).sort()
  for (const base of names) {
    const name = dir ? `${dir}/${base}` : base
    const path = `${root}/${name}`
    const stat = lstatSync(fsPath(path), { bigint: true })
    if (options.times) settle(path, stat, options.times)
    options.onFile?.(stat)
    if (isWhiteout(stat)) yield encodeTarHeader(marker(dir, `.wh.${base}`, stat))
    else if (stat.isDirectory()) {
      yield encodeTarHeader(describe(path, `${name}/`, 'directory', stat))
      if (isOpaque(path)) yield encodeTarHeader(marker(name, '.wh..wh..opq', stat))
      yield* directory(root, name, firstNames, options)
    } else yield* member(path, name, stat, firstNames)
  }
}

const marker = (dir: string, base: string, stat: BigIntStats): TarEntry =>
  tarEntry(dir ? `${dir}/${base}` : base, { mode: 0o600, mtimeNanos: stat.mtimeNs })
