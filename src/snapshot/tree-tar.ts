import { type BigIntStats, lstatSync, readdirSync } from 'node:fs'
import { toByteString } from '../archive/tar-entry.ts'
import { encodeTarHeader, tarTrailer } from '../archive/tar-header.ts'
import { hasCode } from '../base/errors.ts'
import type { IdRanges } from '../spec/id-ranges.ts'
import { fsPath } from './contained-path.ts'
import { toInside } from './owners.ts'
import { describe, member } from './tar-members.ts'

/**
 * The file at `path`, or the directory with all below it, as an archive whose first member is called `name`.
 * What vanishes meanwhile is left out.
 *
 * @param ids owners are told as this user namespace has them
 */
export function* treeTar(path: string, name: string, ids?: IdRanges): Generator<Buffer> {
  const [place, called] = [toByteString(path), toByteString(name)]
  const stat = lstatSync(fsPath(place), { bigint: true })
  yield* node(place, called, stat, { firstNames: new Map(), ids })
  yield tarTrailer
}

/** What the directory `path` holds, without itself. */
export function* childrenTar(path: string): Generator<Buffer> {
  yield* children(toByteString(path), '', { firstNames: new Map() })
  yield tarTrailer
}

interface Walk {
  /** of hard links: inode → name */
  readonly firstNames: Map<bigint, string>
  readonly ids?: IdRanges | undefined
}

function asSeen(stat: BigIntStats, ids: IdRanges | undefined): BigIntStats {
  if (!ids) return stat
  const uid = BigInt(toInside(ids.uids, Number(stat.uid)))
  const gid = BigInt(toInside(ids.gids, Number(stat.gid)))
  return Object.assign(stat, { uid, gid })
}

function* node(path: string, name: string, stat: BigIntStats, walk: Walk): Generator<Buffer> {
  if (!stat.isDirectory()) {
    yield* member(path, name, asSeen(stat, walk.ids), walk.firstNames)
    return
  }
  const slashed = name.endsWith('/') ? name : `${name}/`
  yield encodeTarHeader(describe(path, slashed, 'directory', asSeen(stat, walk.ids)))
  yield* children(path, slashed, walk)
}

function* children(path: string, prefix: string, walk: Walk): Generator<Buffer> {
  const dir = path.endsWith('/') ? path : `${path}/`
  for (const base of list(dir)) {
    const stat = lstatSync(fsPath(dir + base), { bigint: true, throwIfNoEntry: false })
    if (stat) yield* node(dir + base, prefix + base, stat, walk)
  }
}

function list(dir: string): readonly string[] {
  try {
    return readdirSync(fsPath(dir), { encoding: 'latin1' }).sort()
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return []
    throw error
  }
}
