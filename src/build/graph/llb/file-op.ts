import {
  chmodSync,
  chownSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { posix } from 'node:path'
import { globPattern, parseIgnore } from '../../../archive/ignore.ts'
import { EngineError, hasCode } from '../../../base/errors.ts'
import { copyChildren, copyTree } from '../../../snapshot/copy-tree.ts'
import { MountedTree } from '../../../snapshot/mounted-tree.ts'
import { digestOf } from '../../../spec/digest.ts'
import type { LowLevelAction, LowLevelCopy, LowLevelOwner, LowLevelUser } from '../../../spec/engine-api/low-level.ts'
import { parseChmod } from '../../ops/chmod.ts'
import type { LayerPlace, StageView } from '../../ops/op.ts'
import { type Owner, parseOwner } from '../../ops/owner.ts'
import { unpackInto } from '../../ops/unpack.ts'
import type { Stack } from '../run-steps.ts'
import { emptyStack, type Making, putLayer } from './layers.ts'

interface Wish {
  readonly actions: readonly LowLevelAction[]
  readonly inputs: readonly Stack[]
  readonly name: string | undefined
  readonly ignoreCache: boolean
}

/** What each output of the actions is, by its number; actions on top of each other make one layer. */
export async function changeFiles(making: Making, wish: Wish): Promise<readonly (Stack | undefined)[]> {
  const { actions, inputs, name, ignoreCache } = wish
  const made = new Map<number, Promise<Stack>>()
  const stackOf = (index: number): Promise<Stack> => {
    if (index < 0) return Promise.resolve(emptyStack)
    if (index < inputs.length) return Promise.resolve(inputs[index]!)
    const at = index - inputs.length
    const known = made.get(at) ?? layerOf(at)
    made.set(at, known)
    return known
  }
  const layerOf = async (last: number): Promise<Stack> => {
    const chain = [last]
    for (let at = actions[last]!.input - inputs.length; at >= 0; at = actions[at]!.input - inputs.length) {
      if (at >= chain[0]!) throw new EngineError('invalid', 'file action depends on a later one')
      chain.unshift(at)
    }
    const below = await stackOf(actions[chain[0]!]!.input)
    const steps = await Promise.all(
      chain.map(async at => ({ action: actions[at]!, from: await stackOf(actions[at]!.secondaryInput) })),
    )
    const step = making.request.progress.step(name ?? chain.map(at => titleOf(actions[at]!)).join(', '))
    try {
      const keys = ['file', ...steps.map(({ action, from }) => keyOf(action, from))]
      const fill = async (place: LayerPlace) => {
        for (const { action, from } of steps) await perform(making, place, action, from)
      }
      return await putLayer(making, { below, inputs: keys, ignoreCache, step, fill })
    } catch (error) {
      step.fail(error)
      throw error
    }
  }
  const outputs: (Stack | undefined)[] = []
  for (const [i, { output }] of actions.entries()) if (output >= 0) outputs[output] = await stackOf(inputs.length + i)
  return outputs
}

function titleOf({ copy, makeFile, makeDirectory, remove, makeLink }: LowLevelAction): string {
  if (copy) return `copy ${copy.src} ${copy.dest}`
  if (makeFile) return `mkfile ${makeFile.path}`
  if (makeDirectory) return `mkdir ${makeDirectory.path}`
  if (remove) return `rm ${remove.path}`
  return `symlink ${makeLink?.oldPath} ${makeLink?.newPath}`
}

const keyOf = (action: LowLevelAction, { chainId }: Stack): string =>
  JSON.stringify([
    {
      ...action,
      input: 0,
      secondaryInput: 0,
      output: 0,
      makeFile: action.makeFile && { ...action.makeFile, data: digestOf(action.makeFile.data) },
    },
    chainId ?? '',
  ])

async function perform(making: Making, place: LayerPlace, action: LowLevelAction, from: Stack): Promise<void> {
  const { deps } = making.request
  using tree = new MountedTree(deps.snapshots.mount(place.chainId, place), deps.dir)
  const { copy, makeFile, makeDirectory, remove, makeLink } = action
  if (copy) return await copyFiles(making, tree, copy, from)
  if (makeFile) return putFile(tree, makeFile)
  if (makeDirectory) return putDirectory(tree, makeDirectory)
  if (remove) return removeFiles(tree, remove)
  if (makeLink) return putLink(tree, makeLink)
  throw new EngineError('not-implemented', 'file action of a kind that is not supported')
}

/** The path of an entry itself, which need not be there; the directory that it is in must be. */
function entryIn(tree: MountedTree, path: string, what = 'lstat'): string {
  const clean = posix.resolve('/', path)
  if (clean === '/') throw new EngineError('invalid', `invalid path ${JSON.stringify(path)}`)
  return `${find(tree, posix.dirname(clean), `${what} ${path}`)}/${posix.basename(clean)}`
}

function find(tree: MountedTree, path: string, what = `lstat ${path}`): string {
  try {
    return tree.locate(path)
  } catch (error) {
    if (!hasCode(error, 'ENOENT') && !hasCode(error, 'ENOTDIR')) throw error
    throw new EngineError('not-found', `${what}: no such file or directory`)
  }
}

function putFile(tree: MountedTree, { path, data, mode, owner }: NonNullable<LowLevelAction['makeFile']>): void {
  const target = entryIn(tree, path, 'open')
  if (lstatSync(target, { throwIfNoEntry: false })) rmSync(target)
  writeFileSync(target, data, { flag: 'wx', mode: 0o600 })
  own(target, tree, owner)
  chmodSync(target, mode & 0o777)
}

function putDirectory(
  tree: MountedTree,
  { path, mode, makeParents, owner }: NonNullable<LowLevelAction['makeDirectory']>,
): void {
  const finish = (made: string) => {
    own(made, tree, owner)
    chmodSync(made, mode & 0o777)
  }
  if (makeParents) return void tree.locateDirectory(posix.resolve('/', path), finish)
  const target = entryIn(tree, path, 'mkdir')
  if (lstatSync(target, { throwIfNoEntry: false })?.isDirectory()) return
  mkdirSync(target)
  finish(target)
}

function putLink(tree: MountedTree, { oldPath, newPath, owner }: NonNullable<LowLevelAction['makeLink']>): void {
  const target = entryIn(tree, newPath)
  symlinkSync(oldPath, target)
  const ids = ownerOf(owner, tree)
  if (ids) lchownSync(target, ids.uid, ids.gid)
}

function removeFiles(
  tree: MountedTree,
  { path, allowNotFound, allowWildcard }: NonNullable<LowLevelAction['remove']>,
): void {
  const found = allowWildcard ? matching(tree, path) : [posix.resolve('/', path)]
  for (const each of found) {
    const target = entryOf(tree, each)
    if (target !== undefined) rmSync(target, { recursive: true })
    else if (!allowNotFound) throw new EngineError('not-found', `stat ${each}: no such file or directory`)
  }
}

/** As entryIn(), of an entry that is there. */
function entryOf(tree: MountedTree, path: string): string | undefined {
  try {
    const entry = entryIn(tree, path)
    return lstatSync(entry, { throwIfNoEntry: false }) && entry
  } catch (error) {
    if (error instanceof EngineError && error.kind === 'not-found') return undefined
    throw error
  }
}

/** Paths that a pattern means, each part as filepath.Match takes it; one without a wildcard means itself. */
function matching(tree: MountedTree, pattern: string): readonly string[] {
  let found = ['/']
  for (const part of posix.resolve('/', pattern).split('/').filter(Boolean)) {
    if (!/[*?[\\]/.test(part)) found = found.map(dir => posix.join(dir, part))
    else {
      const rule = globPattern(part)
      found = found.flatMap(dir =>
        namesIn(tree, dir)
          .filter(name => rule.test(name))
          .map(name => posix.join(dir, name)),
      )
    }
  }
  return found
}

function namesIn(tree: MountedTree, dir: string): readonly string[] {
  try {
    return readdirSync(`${tree.locate(dir)}/.`).sort()
  } catch {
    return [] // not there, or no directory: nothing matches
  }
}

function own(path: string, tree: MountedTree, owner: LowLevelOwner | undefined): void {
  const ids = ownerOf(owner, tree)
  if (ids) chownSync(path, ids.uid, ids.gid)
}

/** Names are looked up in the files that are changed. */
function ownerOf(owner: LowLevelOwner | undefined, tree: MountedTree): Owner | undefined {
  const word = (user: LowLevelUser | undefined) =>
    user?.byName?.name ?? (user?.byId === undefined ? undefined : `${user.byId}`)
  const [user, group] = [word(owner?.user), word(owner?.group)]
  if (user === undefined && group === undefined) return undefined
  return parseOwner(group === undefined ? user! : `${user ?? '0'}:${group}`, tree)
}

async function copyFiles(
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
    ? isThere(source, path) && find(source, path)
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
  const to = `${parent}/${isInto ? posix.basename(path) : posix.basename(dest)}`
  const old = lstatSync(to, { throwIfNoEntry: false })
  if (old?.isDirectory() && !isDirectory && !copy.replace)
    throw new EngineError('invalid', `cannot copy to directory: ${dest}`)
  if (isDirectory && (!old?.isDirectory() || old.isSymbolicLink())) {
    if (old) rmSync(to)
    mkdirSync(to, { mode: 0o755 })
  }
  await copyTree(from, to, isDirectory ? including(from, copy, rules) : rules)
}

function directoryAt(tree: MountedTree, path: string, isMade: boolean): string {
  if (isMade) return tree.locateDirectory(path)
  return find(tree, path)
}

function isThere(tree: MountedTree, path: string): boolean {
  try {
    tree.locate(path)
    return true
  } catch {
    return false
  }
}

function isDirectoryIn(tree: MountedTree, path: string): boolean {
  try {
    return statSync(tree.locate(path)).isDirectory()
  } catch {
    return false
  }
}
