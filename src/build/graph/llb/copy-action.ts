import { lchownSync, lstatSync, mkdirSync, readdirSync, readlinkSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { posix } from 'node:path'
import { parseIgnore } from '../../../archive/ignore.ts'
import { EngineError } from '../../../base/errors.ts'
import { copyChildren, copyTree } from '../../../snapshot/copy-tree.ts'
import { MountedTree } from '../../../snapshot/mounted-tree.ts'
import type { LowLevelCopy } from '../../../spec/engine-api/low-level.ts'
import { parseChmod } from '../../ops/chmod.ts'
import type { StageView } from '../../ops/op.ts'
import type { Owner } from '../../ops/owner.ts'
import { unpackInto } from '../../ops/unpack.ts'
import type { Stack } from '../run-steps.ts'
import type { Making } from './layers.ts'
import { entryOf, find, matching, ownerOf, writtenEntry } from './tree-paths.ts'

/** Copies files of one stack to another. */
export async function copyFiles(
  { request, signal }: Making,
  target: MountedTree,
  copy: LowLevelCopy,
  { chainId }: Stack,
): Promise<void> {
  const { deps } = request
  using source = new MountedTree(deps.snapshots.mount(chainId), deps.dir)
  const found = copy.allowWildcard ? matching(source, copy.src) : [posix.resolve('/', copy.src)]
  if (found.length === 0 && !copy.allowEmptyWildcard) throw new EngineError('not-found', `${copy.src} not found`)
  const rules = rulesOf(copy, ownerOf(copy.owner, target), signal)
  for (const path of found)
    await copyOne({ deps, options: { ...request.options, signal } }, source, path, target, copy, rules)
}

type Rules = Parameters<typeof copyTree>[2]

function rulesOf({ mode, modeText, exclude }: LowLevelCopy, owner: Owner | undefined, signal: AbortSignal): Rules {
  const change = modeText ? parseChmod(modeText) : mode >= 0 ? () => mode & 0o7777 : undefined
  const isExcluded = exclude.length > 0 ? parseIgnore(exclude.join('\n')) : undefined
  return { owner, mode: change, skip: isExcluded, signal }
}

/** The rules with what is to be left out of `root` because no pattern names it, or something in it. */
function including(root: string, { include }: LowLevelCopy, rules: Rules): Rules {
  if (include.length === 0) return rules
  const isNamed = parseIgnore(include.join('\n'))
  const kept = new Set<string>()
  const walk = (dir: string): boolean => {
    let any = false
    for (const each of readdirSync(`${root}/${dir}`, { withFileTypes: true })) {
      const path = dir === '' ? each.name : `${dir}/${each.name}`
      if (rules.skip?.(path)) continue
      const isKept = each.isDirectory() ? walk(path) || isNamed(path) : isNamed(path)
      if (isKept) kept.add(path)
      any ||= isKept
    }
    return any
  }
  walk('')
  return { ...rules, skip: path => !kept.has(path) }
}

async function copyOne(
  making: Pick<StageView, 'deps' | 'options'>,
  source: MountedTree,
  path: string,
  target: MountedTree,
  copy: LowLevelCopy,
  rules: Rules,
): Promise<void> {
  const from = copy.followSymlink
    ? source.has(path) && find(source, path)
    : path === '/'
      ? find(source, '/')
      : entryOf(source, path)
  if (!from)
    throw new EngineError(
      'not-found',
      `failed to compute cache key: failed to calculate checksum of ref: ${JSON.stringify(path)}: not found`,
    )
  // the root is known by its descriptor, which is a link
  const stat = copy.followSymlink || path === '/' ? statSync(from) : lstatSync(from)
  const dest = posix.resolve('/', copy.dest)
  const isDirectory = stat.isDirectory()
  if (isDirectory && copy.dirCopyContents) {
    const into = directoryAt(target, dest, copy.createDestPath)
    return copyChildren(from, into, including(from, copy, rules))
  }
  const unpack = () => unpackInto(making, from, () => directoryAt(target, dest, copy.createDestPath), rules)
  if (copy.unpack && stat.isFile() && (await unpack())) return
  const isInto = copy.dest.endsWith('/') || dest === '/' || isDirectoryIn(target, dest)
  const parent = directoryAt(target, isInto ? dest : posix.dirname(dest), copy.createDestPath)
  const plain = `${parent}/${isInto ? posix.basename(path) : posix.basename(dest)}`
  const isFile = !isDirectory && !stat.isSymbolicLink()
  const to = isFile ? writtenEntry(target, target.inside(plain)) : plain
  const old = lstatSync(to, { throwIfNoEntry: false })
  if (old?.isDirectory() && !isDirectory && !copy.replace)
    throw new EngineError('invalid', `cannot copy to directory: ${dest}`)
  if (isDirectory && (!old?.isDirectory() || old.isSymbolicLink())) {
    if (old) rmSync(to)
    mkdirSync(to, { mode: 0o755 })
  }
  if (stat.isSymbolicLink()) return copyLink(from, to, rules)
  await copyTree(from, to, isDirectory ? including(from, copy, rules) : rules)
}

/** A link itself: where it leads on this machine is of no concern. */
function copyLink(from: string, to: string, { owner }: Rules): void {
  if (lstatSync(to, { throwIfNoEntry: false })) rmSync(to, { recursive: true })
  symlinkSync(readlinkSync(from), to)
  const { uid, gid } = owner ?? lstatSync(from)
  lchownSync(to, uid, gid)
}

function directoryAt(tree: MountedTree, path: string, isMade: boolean): string {
  if (isMade) return tree.locateDirectory(path)
  return find(tree, path)
}

function isDirectoryIn(tree: MountedTree, path: string): boolean {
  try {
    return statSync(tree.locate(path)).isDirectory()
  } catch {
    return false
  }
}
