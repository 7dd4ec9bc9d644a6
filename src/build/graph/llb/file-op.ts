import { chmodSync, lchownSync, lstatSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { posix } from 'node:path'
import { EngineError } from '../../../base/errors.ts'
import { MountedTree } from '../../../snapshot/mounted-tree.ts'
import { digestOf } from '../../../spec/digest.ts'
import type { LowLevelAction } from '../../../spec/engine-api/low-level.ts'
import type { LayerPlace } from '../../ops/op.ts'
import type { Stack } from '../run-steps.ts'
import { copyFiles } from './copy-action.ts'
import { emptyStack, type Making, putLayer } from './layers.ts'
import { entryIn, entryOf, matching, own, ownerOf, writtenEntry } from './tree-paths.ts'

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

function putFile(tree: MountedTree, { path, data, mode, owner }: NonNullable<LowLevelAction['makeFile']>): void {
  const target = writtenEntry(tree, path, 'open')
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
