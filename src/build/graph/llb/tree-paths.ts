import { chownSync, lstatSync, readlinkSync } from 'node:fs'
import { posix } from 'node:path'
import { globPattern } from '../../../archive/ignore.ts'
import { EngineError, hasCode } from '../../../base/errors.ts'
import type { MountedTree } from '../../../snapshot/mounted-tree.ts'
import type { LowLevelOwner, LowLevelUser } from '../../../spec/engine-api/low-level.ts'
import { type Owner, parseOwner } from '../../ops/owner.ts'

/** The path of an entry itself, which need not be there; the directory that it is in must be. */
export function entryIn(tree: MountedTree, path: string, what = 'lstat'): string {
  const clean = posix.resolve('/', path)
  if (clean === '/') throw new EngineError('invalid', `invalid path ${JSON.stringify(path)}`)
  return `${find(tree, posix.dirname(clean), `${what} ${path}`)}/${posix.basename(clean)}`
}

/** As entryIn(), links at the end followed within the tree: what is written to a link goes where it leads. */
export function writtenEntry(tree: MountedTree, path: string, what?: string): string {
  let at = path
  for (let i = 0; i < 40; i++) {
    const entry = entryIn(tree, at, what)
    if (!lstatSync(entry, { throwIfNoEntry: false })?.isSymbolicLink()) return entry
    at = posix.resolve(tree.inside(find(tree, posix.dirname(posix.resolve('/', at)))), readlinkSync(entry))
    if (at === '/') return find(tree, '/')
  }
  throw new EngineError('invalid', `too many levels of symbolic links: ${path}`)
}

export function find(tree: MountedTree, path: string, what = `lstat ${path}`): string {
  try {
    return tree.locate(path)
  } catch (error) {
    if (!hasCode(error, 'ENOENT') && !hasCode(error, 'ENOTDIR')) throw error
    throw new EngineError('not-found', `${what}: no such file or directory`)
  }
}

/** As entryIn(), of an entry that is there. */
export function entryOf(tree: MountedTree, path: string): string | undefined {
  try {
    const entry = entryIn(tree, path)
    return lstatSync(entry, { throwIfNoEntry: false }) && entry
  } catch (error) {
    if (error instanceof EngineError && error.kind === 'not-found') return undefined
    throw error
  }
}

/** Paths that a pattern means, each part as filepath.Match takes it; one without a wildcard means itself. */
export function matching(tree: MountedTree, pattern: string): readonly string[] {
  let found = ['/']
  for (const part of posix.resolve('/', pattern).split('/').filter(Boolean)) {
    if (!/[*?[\\]/.test(part)) found = found.map(dir => posix.join(dir, part))
    else {
      const rule = globPattern(part)
      found = found.flatMap(dir =>
        tree
          .names(dir)
          .filter(name => rule.test(name))
          .map(name => posix.join(dir, name)),
      )
    }
  }
  return found
}

export function own(path: string, tree: MountedTree, owner: LowLevelOwner | undefined): void {
  const ids = ownerOf(owner, tree)
  if (ids) chownSync(path, ids.uid, ids.gid)
}

/** Names are looked up in the files that are changed. */
export function ownerOf(owner: LowLevelOwner | undefined, tree: MountedTree): Owner | undefined {
  const word = (user: LowLevelUser | undefined) =>
    user?.byName?.name ?? (user?.byId === undefined ? undefined : `${user.byId}`)
  const [user, group] = [word(owner?.user), word(owner?.group)]
  if (user === undefined && group === undefined) return undefined
  return parseOwner(group === undefined ? user! : `${user ?? '0'}:${group}`, tree)
}
