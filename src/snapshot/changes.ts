import { type BigIntStats, lstatSync, readdirSync } from 'node:fs'
import { fromByteString, toByteString } from '../archive/tar-entry.ts'
import type { FilesystemChange } from '../spec/engine-api/container.ts'
import { fsPath } from './contained-path.ts'
import { isOpaque, isWhiteout } from './layer-tar.ts'

const kinds = { modified: 0, added: 1, deleted: 2 } as const

/** What the overlay directory `upper` changes of `lowers`, topmost first; a directory comes before what is in it. */
export function changesOf(upper: string, lowers: readonly string[]): FilesystemChange[] {
  return walk(toByteString(upper), lowers.map(toByteString), '', false)
}

const statOf = (path: string): BigIntStats | undefined =>
  lstatSync(fsPath(path), { bigint: true, throwIfNoEntry: false })

const namesIn = (dir: string): readonly string[] => readdirSync(fsPath(dir), { encoding: 'latin1' })

/** @param isNew nothing of `lowers` shines through: what is not there any more was deleted without a mark */
function walk(upper: string, lowers: readonly string[], dir: string, isNew: boolean): FilesystemChange[] {
  const own = new Set(namesIn(upper))
  const names = isNew ? new Set([...own, ...lowers.flatMap(namesIn)]) : own
  return [...names].sort().flatMap(base => {
    const path = `${upper}/${base}`
    const name = `${dir}/${base}`
    const below = findInLayers(lowers, base)
    const change = (kind: number): FilesystemChange => ({ Path: fromByteString(name), Kind: kind })
    const stat = own.has(base) ? statOf(path)! : undefined
    if (!stat || isWhiteout(stat)) return below.stat ? [change(kinds.deleted)] : []
    const self = change(below.stat ? kinds.modified : kinds.added)
    if (!stat.isDirectory()) return [self]
    const inside = walk(path, below.directories, name, isNew || isOpaque(path))
    // copied up without a change of its own: listed only when something in it is
    const same = below.stat?.isDirectory() && below.stat.mtimeNs === stat.mtimeNs && below.stat.mode === stat.mode
    return same && inside.length === 0 ? [] : [self, ...inside]
  })
}

/** What the stack shows as `base`, with the directories that overlay would merge. */
export function findInLayers(lowers: readonly string[], base: string) {
  let top: BigIntStats | undefined
  const directories: string[] = []
  for (const lower of lowers) {
    const stat = statOf(`${lower}/${base}`)
    if (!stat) continue
    if (isWhiteout(stat)) break
    top ??= stat
    if (!stat.isDirectory()) break
    directories.push(`${lower}/${base}`)
    if (isOpaque(`${lower}/${base}`)) break
  }
  return { stat: top, directories: top?.isDirectory() ? directories : [] }
}
