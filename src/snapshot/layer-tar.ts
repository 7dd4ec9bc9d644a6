import { type BigIntStats, lstatSync, readdirSync } from 'node:fs'
import { type TarEntry, tarEntry, toByteString } from '../archive/tar-entry.ts'
import { encodeTarHeader, tarTrailer } from '../archive/tar-header.ts'
import { getXattr } from '../kernel/file-metadata.ts'
import { fsPath } from './contained-path.ts'
import { describe, member } from './tar-members.ts'

export const isWhiteout = (stat: BigIntStats): boolean => stat.isCharacterDevice() && stat.rdev === 0n
export const isOpaque = (path: string): boolean => getXattr(path, 'trusted.overlay.opaque')?.toString() === 'y'

/** The upper directory of an overlay as an OCI layer, piece by piece. The same directory gives the same bytes. */
export function* layerTar(upper: string): Generator<Buffer> {
  const root = toByteString(upper)
  const firstNames = new Map<bigint, string>()
  yield* directory(root, '', firstNames)
  yield tarTrailer
}

function* directory(root: string, dir: string, firstNames: Map<bigint, string>): Generator<Buffer> {
  const names = readdirSync(fsPath(`${root}/${dir}`), { encoding: 'latin1' }).sort()
  for (const base of names) {
    const name = dir ? `${dir}/${base}` : base
    const path = `${root}/${name}`
    const stat = lstatSync(fsPath(path), { bigint: true })
    if (isWhiteout(stat)) yield encodeTarHeader(marker(dir, `.wh.${base}`, stat))
    else if (stat.isDirectory()) {
      yield encodeTarHeader(describe(path, `${name}/`, 'directory', stat))
      if (isOpaque(path)) yield encodeTarHeader(marker(name, '.wh..wh..opq', stat))
      yield* directory(root, name, firstNames)
    } else yield* member(path, name, stat, firstNames)
  }
}

const marker = (dir: string, base: string, stat: BigIntStats): TarEntry =>
  tarEntry(dir ? `${dir}/${base}` : base, { mode: 0o600, mtimeNanos: stat.mtimeNs })
