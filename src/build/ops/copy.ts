import { createHash } from 'node:crypto'
import { chownSync, lstatSync, statSync } from 'node:fs'
import { posix } from 'node:path'
import { EngineError, hasCode } from '../../base/errors.ts'
import { copyChildren, copyTree } from '../../snapshot/copy-tree.ts'
import { hashTree } from '../../snapshot/hash-tree.ts'
import { MountedTree } from '../../snapshot/mounted-tree.ts'
import type { Instruction } from '../dockerfile/instruction.ts'
import { needsBuildKit } from '../failure.ts'
import { absolutePath } from './metadata.ts'
import { type LayerPlace, type Op, type Settled, type StageView, shellOf } from './op.ts'
import { type Owner, parseOwner } from './owner.ts'
import { downloadSource, heredocSource, localSources, type Source } from './sources.ts'
import { unpackInto } from './unpack.ts'

/** COPY and ADD. */
export const copy: Op = (instruction, stage) => {
  if (stage.dialect === 'classic')
    for (const flag of ['parents', 'exclude', 'keep-git-dir', 'checksum', 'unpack'])
      if (instruction.flags.has(flag)) throw needsBuildKit(flag)
  const words = instruction.args.map(word => (word.startsWith('<<') ? word : stage.expand(word)))
  const from = instruction.flags.get('from')?.at(-1)
  const chown = stage.expand(instruction.flags.get('chown')?.at(-1) ?? '')
  const chmod = stage.expand(instruction.flags.get('chmod')?.at(-1) ?? '')
  const notes = [chown && `--chown=${chown}`, chmod && `--chmod=${chmod}`].filter(Boolean)
  return {
    config: stage.config,
    createdBy: '',
    comment: [instruction.name, ...notes, ...words, '# buildkit'].join(' '),
    inContainer: false,
    reads: [{ from, paths: words.slice(0, -1).filter(word => !isElsewhere(instruction, word)) }],
    settle: () => settle(instruction, stage, { words, from, chown, mode: modeOf(chmod) }),
  }
}

const isElsewhere = ({ name }: Instruction, word: string): boolean =>
  word.startsWith('<<') || (name === 'ADD' && /^(https?:\/\/|git@|git:\/\/)/i.test(word))

interface Wanted {
  readonly words: readonly string[]
  readonly from: string | undefined
  readonly chown: string
  readonly mode: number | undefined
}

async function settle(instruction: Instruction, stage: StageView, wanted: Wanted): Promise<Settled> {
  const { words, from, chown, mode } = wanted
  const destination = destinationOf(words.at(-1)!, stage)
  const sources = await gather(instruction, words.slice(0, -1), from, stage)
  if (sources.length === 0) throw failed(instruction, 'no source files were specified')
  if (sources.length > 1 && !destination.endsWith('/'))
    throw new EngineError(
      'invalid',
      `When using ${instruction.name} with more than one source file, the destination must be a directory and end with a /`,
    )
  const note = chown ? `--chown=${chown} ` : ''
  const content = await describe(sources, stage)
  const keep = from !== undefined
  return {
    createdBy: `${shellOf(stage.config).join(' ')} #(nop) ${instruction.name} ${note}${content} in ${words.at(-1)} `,
    inputs: [String(mode), keep ? 'image' : 'context', destination, ...sources.map(({ name }) => name)],
    fill: place => fillLayer(instruction, stage, place, { sources, destination, chown, mode, keep }),
  }
}

const failed = ({ name }: Instruction, why: string) => new EngineError('invalid', `${name} failed: ${why}`)

function destinationOf(word: string, { config }: StageView): string {
  const path = absolutePath(word, config.WorkingDir)
  const isDirectory = /(^|\/)\.{0,2}$/.test(word) // ends with a slash, `.` or `..`
  return isDirectory && path !== '/' ? `${path}/` : path
}

function modeOf(text: string): number | undefined {
  if (text === '') return undefined
  if (!/^0?[0-7]{1,4}$/.test(text)) throw new EngineError('invalid', `invalid chmod parameter: '${text}'`)
  return Number.parseInt(text, 8)
}

async function gather(instruction: Instruction, words: readonly string[], from: string | undefined, stage: StageView) {
  const sources: Source[] = []
  let documents = 0
  for (const word of words) {
    const document = word.startsWith('<<') ? instruction.heredocs[documents++] : undefined
    if (document) sources.push(await heredocSource(document, stage))
    else if (instruction.name === 'ADD' && /^https?:\/\//i.test(word)) sources.push(await downloadSource(word, stage))
    else if (instruction.name === 'ADD' && /^(git@|git:\/\/)/.test(word)) throw needsBuildKit('keep-git-dir')
    else sources.push(...(await localSources(instruction.name, word, from, stage)))
  }
  return sources
}

async function describe(sources: readonly Source[], { options }: StageView): Promise<string> {
  const parts: string[] = []
  for (const { path, open } of sources) {
    using tree = open()
    const outside = tree.locate(path)
    const kind = statSync(outside).isDirectory() ? 'dir' : 'file'
    parts.push(`${kind}:${await hashTree(outside, options)}`)
  }
  if (parts.length === 1) return parts[0]!
  return `multi:${createHash('sha256').update(parts.join(',')).digest('hex')}`
}

interface Plan {
  readonly sources: readonly Source[]
  readonly destination: string
  readonly chown: string
  readonly mode: number | undefined
  /** owners stay as they are in the image copied from */
  readonly keep: boolean
}

async function fillLayer(instruction: Instruction, stage: StageView, place: LayerPlace, plan: Plan): Promise<void> {
  const { deps } = stage
  using target = new MountedTree(deps.snapshots.mount(place.chainId, place), deps.dir)
  const owner = plan.chown ? parseOwner(plan.chown, target) : plan.keep ? undefined : { uid: 0, gid: 0 }
  for (const source of plan.sources) {
    using tree = source.open()
    await placeOne(instruction, stage, { ...plan, owner, source, from: tree.locate(source.path), target })
  }
}

interface Placing extends Plan {
  readonly owner: Owner | undefined
  readonly source: Source
  readonly from: string
  readonly target: MountedTree
}

async function placeOne(instruction: Instruction, stage: StageView, placing: Placing): Promise<void> {
  const { source, from, target, destination, owner, mode } = placing
  const { signal } = stage.options
  const stat = statSync(from)
  if (stat.isDirectory()) {
    await copyChildren(from, directoryFor(target, destination, owner), { owner, mode, signal })
    return
  }
  if (
    instruction.name === 'ADD' &&
    source.unpack &&
    (await unpackInto(stage, from, () => directoryFor(target, destination, undefined), placing))
  )
    return
  const isDirectory = destination.endsWith('/') || destination === '/' || isDirectoryIn(target, destination)
  const parent = directoryFor(target, isDirectory ? destination : posix.dirname(destination), owner)
  const name = isDirectory ? source.name : posix.basename(destination)
  const path = `${parent}/${name}`
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw failed(instruction, `cannot copy to directory: ${destination}`)
  await copyTree(from, path, { owner, mode: mode ?? source.mode, signal })
}

/** Directories above the last one belong to root, whoever the copy belongs to. */
function directoryFor(target: MountedTree, path: string, owner: Owner | undefined): string {
  try {
    let last: string | undefined
    const outside = target.locateDirectory(path, made => (last = made))
    if (last !== undefined && owner) chownSync(`${outside}/.`, owner.uid, owner.gid)
    return outside
  } catch (error) {
    if (!hasCode(error, 'ENOTDIR') && !hasCode(error, 'EEXIST')) throw error
    throw new EngineError(
      'invalid',
      `failed to copy files: failed to create new directory: mkdir ${posix.resolve(path)}: not a directory`,
    )
  }
}

function isDirectoryIn(target: MountedTree, path: string): boolean {
  try {
    return statSync(target.locate(path)).isDirectory()
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return false
    throw error
  }
}
