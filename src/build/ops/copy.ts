import { createHash } from 'node:crypto'
import { chmodSync, chownSync, lstatSync, readdirSync, readlinkSync, statSync } from 'node:fs'
import { posix } from 'node:path'
import { parseIgnore } from '../../archive/ignore.ts'
import { EngineError, hasCode } from '../../base/errors.ts'
import { copyChildren, copyTree } from '../../snapshot/copy-tree.ts'
import { hashTree } from '../../snapshot/hash-tree.ts'
import { MountedTree } from '../../snapshot/mounted-tree.ts'
import type { Instruction } from '../dockerfile/instruction.ts'
import { needsBuildKit } from '../failure.ts'
import { type ModeChange, parseChmod } from './chmod.ts'
import { parseGitAddress } from './git.ts'
import { absolutePath } from './metadata.ts'
import { type LayerPlace, type Op, type Settled, type StageView, shellOf } from './op.ts'
import { type Owner, parseOwner } from './owner.ts'
import { downloadSource, gitSource, heredocSource, localSources, type Source } from './sources.ts'
import { unpackInto } from './unpack.ts'

/** COPY and ADD. */
export const copy: Op = (instruction, stage) => {
  const { flags } = instruction
  if (stage.dialect === 'classic') for (const flag of buildKitFlags) if (flags.has(flag)) throw needsBuildKit(flag)
  const words = instruction.args.map(word => (word.startsWith('<<') ? word : stage.expand(word)))
  const last = (flag: string) => flags.get(flag)?.at(-1)
  const from = last('from')
  const chown = stage.expand(last('chown') ?? '')
  const chmod = stage.expand(last('chmod') ?? '')
  const isOn = (flag: string) => flags.has(flag) && last(flag) !== 'false'
  const notes = [isOn('parents') && '--parents', chown && `--chown=${chown}`, chmod && `--chmod=${chmod}`].filter(
    Boolean,
  )
  const shown = words.map(word =>
    word.startsWith('<<') ? word.replace(/^<<-?|["']/g, each => (each.startsWith('<<') ? '<<' : '')) : word,
  )
  const wanted: Wanted = {
    words,
    from,
    chown,
    chmod,
    excludes: (flags.get('exclude') ?? []).map(stage.expand),
    parents: isOn('parents'),
    checksum: stage.expand(last('checksum') ?? '') || undefined,
    keepGitDir: isOn('keep-git-dir'),
    unpack: flags.has('unpack') ? isOn('unpack') : undefined,
  }
  checkWanted(instruction, wanted)
  return {
    config: stage.config,
    createdBy: '',
    comment: [instruction.name, ...notes, ...shown, '# buildkit'].join(' '),
    inContainer: false,
    reads: [{ from, paths: words.slice(0, -1).filter(word => !isElsewhere(instruction, word)) }],
    // names of owners are looked up in what is below
    isLinked: stage.dialect === 'buildkit' && isOn('link') && /^[\d:]*$/.test(chown),
    settle: () => settle(instruction, stage, wanted),
  }
}

const buildKitFlags = ['parents', 'exclude', 'keep-git-dir', 'checksum', 'unpack']

const isElsewhere = ({ name }: Instruction, word: string): boolean =>
  word.startsWith('<<') || (name === 'ADD' && (/^https?:\/\//i.test(word) || parseGitAddress(word) !== undefined))

export interface Wanted {
  readonly words: readonly string[]
  readonly from: string | undefined
  readonly chown: string
  readonly chmod: string
  readonly excludes: readonly string[]
  readonly parents: boolean
  readonly checksum: string | undefined
  readonly keepGitDir: boolean
  /** undefined: archives of the context only */
  readonly unpack: boolean | undefined
}

function checkWanted({ name }: Instruction, { words, checksum, chmod }: Wanted): void {
  if (chmod) parseChmod(chmod)
  if (checksum === undefined) return
  if (!/^sha256:[0-9a-f]{64}$|^[0-9a-f]{40}$/.test(checksum))
    throw new EngineError('invalid', `invalid checksum digest format`)
  if (words.length > 2) throw new EngineError('invalid', "checksum can't be specified for multiple sources")
  if (!isElsewhere({ name } as Instruction, words[0]!))
    throw new EngineError('invalid', "checksum can't be specified for non-HTTP(S) & non-Git sources")
}

async function settle(instruction: Instruction, stage: StageView, wanted: Wanted): Promise<Settled> {
  const { words, from, chown, chmod, excludes } = wanted
  const destination = destinationOf(words.at(-1)!, stage)
  const sources = await gather(instruction, wanted, stage)
  if (sources.length === 0) throw failed(instruction, 'no source files were specified')
  if (sources.length > 1 && !destination.endsWith('/') && stage.dialect === 'classic')
    throw new EngineError(
      'invalid',
      `When using ${instruction.name} with more than one source file, the destination must be a directory and end with a /`,
    )
  const note = chown ? `--chown=${chown} ` : ''
  const content = await describe(sources, stage)
  const keep = from !== undefined
  const mode = chmod ? parseChmod(chmod) : undefined
  const skip = excludes.length ? parseIgnore(excludes.join('\n')) : undefined
  return {
    createdBy: `${shellOf(stage.config).join(' ')} #(nop) ${instruction.name} ${note}${content} in ${words.at(-1)} `,
    inputs: [
      chmod,
      keep ? 'image' : 'context',
      // modes and owners of new directories, and links on the way, are its own
      ...(stage.dialect === 'classic' ? ['classic'] : []),
      destination,
      ...excludes,
      ...sources.map(({ name, into }) => `${into ?? ''} ${name}`),
    ],
    fill: place => fillLayer(instruction, stage, place, { sources, destination, chown, mode, skip, keep }),
  }
}

const failed = ({ name }: Instruction, why: string) => new EngineError('invalid', `${name} failed: ${why}`)

function destinationOf(word: string, { config }: StageView): string {
  const path = absolutePath(word, config.WorkingDir)
  const isDirectory = /(^|\/)\.{0,2}$/.test(word) // ends with a slash, `.` or `..`
  return isDirectory && path !== '/' ? `${path}/` : path
}

async function gather(instruction: Instruction, wanted: Wanted, stage: StageView) {
  const { words, from, unpack } = wanted
  const sources: Source[] = []
  let documents = 0
  for (const word of words.slice(0, -1)) {
    const isAdd = instruction.name === 'ADD'
    const document = word.startsWith('<<') ? instruction.heredocs[documents++] : undefined
    const git = isAdd ? parseGitAddress(word) : undefined
    if (git && stage.dialect === 'classic') throw needsBuildKit('keep-git-dir')
    if (document) sources.push(await heredocSource(document, stage))
    else if (git) sources.push(await gitSource(git, wanted, stage))
    else if (isAdd && /^https?:\/\//i.test(word)) sources.push(await downloadSource(word, wanted, stage))
    else sources.push(...(await localSources(instruction.name, word, from, stage, wanted.parents)))
  }
  return sources.map(source => ({ ...source, unpack: isUnpacked(instruction, source, unpack) }))
}

const isUnpacked = ({ name }: Instruction, source: Source, unpack: boolean | undefined): boolean =>
  name === 'ADD' && (unpack ?? source.unpack)

async function describe(sources: readonly Source[], { options }: StageView): Promise<string> {
  const parts: string[] = []
  for (const { path, open, hash } of sources) {
    if (hash !== undefined) {
      parts.push(hash)
      continue
    }
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
  readonly mode: ModeChange | undefined
  readonly skip: ((path: string) => boolean) | undefined
  /** owners stay as they are in the image copied from */
  readonly keep: boolean
}

async function fillLayer(instruction: Instruction, stage: StageView, place: LayerPlace, plan: Plan): Promise<void> {
  const { deps } = stage
  const mount = () => new MountedTree(deps.snapshots.mount(place.chainId, place), deps.dir)
  using first = mount()
  const owner = plan.chown ? parseOwner(plan.chown, first) : plan.keep ? undefined : { uid: 0, gid: 0 }
  first[Symbol.dispose]()
  for (const source of plan.sources) {
    await source.ready?.()
    using tree = source.open()
    using target = mount()
    const placing = { ...plan, owner, source, from: tree.locate(source.path), target }
    const link = await placeOne(instruction, stage, placing)
    target[Symbol.dispose]()
    if (!link || source.frozen === undefined) continue
    const rules = {
      ...rulesOf(stage, placing),
      linkAt: stage.layerTime?.(),
      linkOnce: stage.dialect === 'classic' && source.isSpent,
    }
    await copyChildren(source.frozen + tree.inside(placing.from), place.upper + link, rules)
  }
}

const rulesOf = ({ options }: StageView, { owner, mode, skip, source }: Placing) => ({
  owner,
  mode: mode ?? (source.mode === undefined ? undefined : () => source.mode!),
  skip,
  signal: options.signal,
})

interface Placing extends Plan {
  readonly owner: Owner | undefined
  readonly source: Source
  readonly from: string
  readonly target: MountedTree
}

/** Returns the directory, as it is called inside, whose files are better linked: nobody may have it mounted meanwhile. */
async function placeOne(instruction: Instruction, stage: StageView, placing: Placing): Promise<string | undefined> {
  const { source, from, target, owner } = placing
  const rules = rulesOf(stage, placing)
  const { mode, signal } = rules
  const destination =
    source.into === undefined ? placing.destination : `${posix.join(placing.destination, source.into)}/`
  const stat = statSync(from)
  if (stat.isDirectory()) {
    const isNew = !isDirectoryIn(target, destination)
    const directory = directoryFor(stage, target, destination, owner)
    if (isNew && stage.dialect === 'buildkit') {
      const bits = stat.mode & 0o7777
      chmodSync(`${directory}/.`, mode ? mode(bits, true) : bits)
    }
    if (source.frozen !== undefined && stage.layerTime && readdirSync(`${directory}/.`).length === 0) {
      // brings it to the layer of this step
      chmodSync(`${directory}/.`, statSync(`${directory}/.`).mode & 0o7777)
      return target.inside(directory)
    }
    await copyChildren(from, directory, rules)
    return undefined
  }
  if (
    source.unpack &&
    (await unpackInto(stage, from, () => directoryFor(stage, target, destination, undefined), placing))
  )
    return undefined
  const isDirectory = destination.endsWith('/') || destination === '/' || isDirectoryIn(target, destination)
  const parent = directoryFor(stage, target, isDirectory ? destination : posix.dirname(destination), owner)
  const name = isDirectory ? source.name : posix.basename(destination)
  const plain = `${parent}/${name}`
  const path = stage.dialect === 'buildkit' ? throughLink(target, plain, destination) : plain
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw failed(instruction, `cannot copy to directory: ${destination}`)
  await copyTree(from, path, { owner, mode, signal })
  return undefined
}

/** A link at the destination is written through, within the image. */
function throughLink(target: MountedTree, path: string, destination: string): string {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return path
  const to = posix.resolve(posix.dirname(posix.resolve('/', destination)), readlinkSync(path))
  return `${target.locateDirectory(posix.dirname(to))}/${posix.basename(to)}`
}

/** The classic builder gives directories above the last one to root, whoever the copy belongs to. */
function directoryFor({ dialect }: StageView, target: MountedTree, path: string, owner: Owner | undefined): string {
  try {
    const made: string[] = []
    const outside = target.locateDirectory(path, each => made.push(each))
    const owned = dialect === 'buildkit' ? made : made.slice(-1)
    if (owner) for (const each of owned) chownSync(`${each}/.`, owner.uid, owner.gid)
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
