import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join, posix } from 'node:path'
import { EngineError, hasCode } from '../../base/errors.ts'
import { copyChildren } from '../../snapshot/copy-tree.ts'
import { hashTree } from '../../snapshot/hash-tree.ts'
import { isOpaque, isWhiteout } from '../../snapshot/layer-tar.ts'
import { MountedTree } from '../../snapshot/mounted-tree.ts'
import type { Digest } from '../../spec/digest.ts'
import type { StepMount } from '../deps.ts'
import type { MountFlag } from '../dockerfile/mount-flag.ts'
import { agentSocket, memoryDirectory } from './lent.ts'
import type { LayerPlace, StageView } from './op.ts'

/** Files that a mount shows: of the context, or of a stack. */
type Tree = { readonly chainId: Digest | undefined } | 'context'

/** Mounts of one command with what they need; disposing takes everything away again. */
export interface PreparedMounts extends AsyncDisposable {
  readonly mounts: readonly StepMount[]
  readonly env: readonly string[]
}

const treeOf = async (flag: MountFlag, stage: StageView): Promise<Tree> => {
  if (flag.from !== undefined) return await stage.imageOf(flag.from)
  await stage.context.ready()
  return 'context'
}

const open = (tree: Tree, { context, deps }: StageView): MountedTree =>
  tree === 'context' ? context.open() : new MountedTree(deps.snapshots.mount(tree.chainId), deps.dir)

function located(tree: MountedTree, flag: MountFlag): string {
  try {
    return tree.locate(posix.resolve('/', flag.source))
  } catch (error) {
    if (!hasCode(error, 'ENOENT') && !hasCode(error, 'ENOTDIR')) throw error
    throw new EngineError(
      'invalid',
      `failed to compute cache key: failed to calculate checksum of ref: ${JSON.stringify(posix.resolve('/', flag.source))}: not found`,
    )
  }
}

/** What the result depends on of each mount: files by content, everything else by what is asked for. */
export async function mountKeys(flags: readonly MountFlag[], stage: StageView): Promise<readonly string[]> {
  const keys: string[] = []
  for (const flag of flags) {
    const { kind, target, from, source, readOnly, id } = flag
    if (kind !== 'bind') keys.push([kind, target, id, from ?? '', source].join(' '))
    else {
      const tree = await treeOf(flag, stage)
      const isWhole = tree !== 'context' && posix.resolve('/', source) === '/'
      using files = isWhole ? undefined : open(tree, stage)
      const content = files
        ? await hashTree(located(files, flag), stage.options)
        : (tree as { chainId: string }).chainId
      keys.push([kind, target, readOnly, content].join(' '))
    }
  }
  return keys
}

/** @throws EngineError when a source, a required secret or an agent is missing */
export async function prepareMounts(
  flags: readonly MountFlag[],
  stage: StageView,
  place: LayerPlace,
  script?: { readonly path: string; readonly body: string },
  more: readonly StepMount[] = [],
): Promise<PreparedMounts> {
  await using undo = new AsyncDisposableStack()
  const scratch = mkdtempSync(join(stage.context.scratch, 'mounts-'))
  undo.defer(() => rmSync(scratch, { recursive: true, force: true }))
  const preparing: Preparing = { stage, undo, scratch, mounts: [...more], env: [], agents: 0 }
  for (const flag of flags) await prepare[flag.kind](flag, preparing)
  if (script) preparing.mounts.push(scriptMount(script, scratch))
  const stubs = makeTargets(stage, place, preparing.mounts)
  undo.defer(() => removeTargets(place.upper, stubs))
  const kept = undo.move()
  return {
    mounts: preparing.mounts.toSorted((a, b) => depth(a.destination) - depth(b.destination)),
    env: preparing.env,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

function scriptMount({ path, body }: { readonly path: string; readonly body: string }, scratch: string): StepMount {
  const source = join(scratch, 'script')
  writeFileSync(source, body, { mode: 0o755 })
  return { destination: path, type: 'bind', source, options: ['bind', 'ro', 'rprivate'], isDirectory: false }
}

const depth = (path: string): number => path.split('/').length

interface Preparing {
  readonly stage: StageView
  readonly undo: AsyncDisposableStack
  readonly scratch: string
  readonly mounts: StepMount[]
  readonly env: string[]
  agents: number
}

type Prepare = (flag: MountFlag, preparing: Preparing) => Promise<void>

const prepare: Readonly<Record<MountFlag['kind'], Prepare>> = {
  bind: async (flag, { stage, mounts, scratch }) => {
    const tree = await treeOf(flag, stage)
    using files = open(tree, stage)
    const outside = located(files, flag)
    const isDirectory = statSync(outside).isDirectory()
    const path = pathInside(outside)
    const lowers = tree === 'context' ? [join(stage.context.path(), path)] : lowersOf(stage, tree.chainId, path)
    mounts.push(isDirectory ? directoryMount(flag, lowers, scratch) : fileMount(flag, lowers[0]!))
  },
  cache: async (flag, { stage, undo, mounts }) => {
    const id = cacheIdOf(flag, stage)
    const directory = undo.use(await stage.deps.caches.take(id, flag.sharing, stage.options))
    if (directory.isNew) await fillCache(flag, stage, directory.path)
    mounts.push({
      destination: flag.target,
      type: 'bind',
      source: directory.path,
      options: ['rbind', flag.readOnly ? 'ro' : 'rw', 'rprivate'],
      isDirectory: true,
    })
  },
  tmpfs: async (flag, { mounts }) => {
    const size = flag.sizeBytes ? [`size=${flag.sizeBytes}`] : []
    mounts.push({
      destination: flag.target,
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['nosuid', 'nodev', ...size],
      isDirectory: true,
    })
  },
  secret: async (flag, { stage, undo, mounts, env }) => {
    const id = flag.id || posix.basename(flag.source || flag.target || flag.env || '')
    if (id === '') throw new EngineError('invalid', 'secret mount needs an id')
    const value = await stage.secret?.(id)
    if (!value) {
      if (flag.required) throw new EngineError('invalid', `secret ${id}: not found`)
      return
    }
    if (flag.env !== undefined) env.push(`${flag.env}=${Buffer.from(value).toString('utf8')}`)
    if (flag.env !== undefined && flag.target === '') return
    const directory = memoryDirectory(undo)
    const path = join(directory, 'secret')
    writeFileSync(path, value, { mode: 0o600 })
    chmodSync(path, flag.mode ?? 0o400)
    mounts.push({
      destination: flag.target || `/run/secrets/${id}`,
      type: 'bind',
      source: path,
      options: ['bind', 'ro', 'rprivate', 'nosuid', 'nodev', 'noexec'],
      isDirectory: false,
      owner: { uid: flag.uid ?? 0, gid: flag.gid ?? 0 },
    })
  },
  ssh: async (flag, preparing) => {
    const { stage, undo, mounts, env } = preparing
    const id = flag.id || 'default'
    if (!(await stage.agent?.has(id))) {
      if (flag.required) throw new EngineError('invalid', `unset ssh forward key ${id}`)
      return
    }
    const path = await agentSocket(stage.agent!, id, undo)
    chmodSync(path, flag.mode ?? 0o600)
    const destination = flag.target || `/run/buildkit/ssh_agent.${preparing.agents}`
    if (preparing.agents++ === 0) env.push(`SSH_AUTH_SOCK=${destination}`)
    mounts.push({
      destination,
      type: 'bind',
      source: path,
      options: ['bind', 'ro', 'rprivate'],
      isDirectory: false,
      owner: { uid: flag.uid ?? 0, gid: flag.gid ?? 0 },
    })
  },
}

/** Builds of one namespace share their caches with each other alone. */
function cacheIdOf({ id, target }: MountFlag, { options, dialect }: StageView): string {
  const namespace = dialect === 'buildkit' ? options.buildArgs?.BUILDKIT_CACHE_MOUNT_NS : undefined
  return namespace ? posix.join(namespace, id || target) : id || target
}

/** The path within the tree that a path outside stands for: descriptors know theirs. */
function pathInside(outside: string): string {
  const [, descriptor = '', name = ''] = /^(\/proc\/self\/fd\/\d+)(.*)$/.exec(outside) ?? []
  return posix.join(readlinkSync(descriptor), name)
}

const fileMount = ({ target, readOnly }: MountFlag, source: string): StepMount => ({
  destination: target,
  type: 'bind',
  source,
  options: ['bind', readOnly ? 'ro' : 'rw', 'rprivate'],
  isDirectory: false,
})

/** What a command writes to a writable one is lost. */
function directoryMount({ target, readOnly }: MountFlag, lowers: readonly string[], scratch: string): StepMount {
  const shared = { destination: target, isDirectory: true }
  if (lowers.length === 1 && readOnly)
    return { ...shared, type: 'bind', source: lowers[0]!, options: ['rbind', 'ro', 'rprivate'] }
  const name = randomBytes(6).toString('hex')
  const make = (kind: string) => {
    const path = join(scratch, `${name}-${kind}`)
    mkdirSync(path, { mode: 0o755 })
    return path
  }
  const isEnough = lowers.length > (readOnly ? 1 : 0)
  const layers = isEnough ? lowers : [...lowers, make('empty'), ...(lowers.length > 0 ? [] : [make('none')])]
  const own = readOnly ? [] : [`upperdir=${make('upper')}`, `workdir=${make('work')}`]
  return { ...shared, type: 'overlay', source: 'overlay', options: [`lowerdir=${layers.join(':')}`, ...own] }
}

/** Where the layers of a stack have `path`, topmost first; a layer that hides what is below it is the last. */
function lowersOf({ deps }: StageView, chainId: Digest | undefined, path: string): readonly string[] {
  const parts = path.split('/').filter(Boolean)
  if (chainId === undefined && parts.length === 0) return []
  const found: string[] = []
  for (const layer of chainId === undefined ? [] : deps.snapshots.layers(chainId)) {
    let at = layer
    let isHidden = false
    let isThere = true
    for (const part of parts) {
      at = `${at}/${part}`
      const stat = lstatSync(at, { bigint: true, throwIfNoEntry: false })
      if (!stat) isThere = false
      else if (isWhiteout(stat)) isHidden = true
      else if (stat.isDirectory()) isHidden ||= isOpaque(at)
      else isHidden = true
      if (!isThere || (stat && isWhiteout(stat))) break
    }
    const last = lstatSync(at, { bigint: true, throwIfNoEntry: false })
    if (isThere && last && !isWhiteout(last)) found.push(at)
    if (isHidden) break
  }
  if (found.length === 0) throw new EngineError('internal', `${path} is in no layer`)
  return found
}

/** A cache that is new begins with the files of `from`. */
async function fillCache(flag: MountFlag, stage: StageView, directory: string): Promise<void> {
  if (flag.from !== undefined) {
    using files = open(await treeOf(flag, stage), stage)
    await copyChildren(located(files, flag), directory, { signal: stage.options.signal })
  }
  chownSync(directory, flag.uid ?? 0, flag.gid ?? 0)
  chmodSync(directory, flag.mode ?? 0o755)
}

/** Makes the places that are mounted over, where they are missing; returns those that were. */
function makeTargets(stage: StageView, place: LayerPlace, mounts: readonly StepMount[]): readonly string[] {
  const made: string[] = []
  using tree = new MountedTree(stage.deps.snapshots.mount(place.chainId, place), stage.deps.dir)
  for (const { destination, isDirectory } of mounts) {
    const inside = (path: string) => made.push(path)
    if (isDirectory) ensureDirectory(tree, destination, inside)
    else {
      ensureDirectory(tree, posix.dirname(destination), inside)
      if (tree.has(destination)) continue
      writeFileSync(`${tree.locate(posix.dirname(destination))}/${posix.basename(destination)}`, '', { flag: 'wx' })
      inside(destination)
    }
  }
  return made
}

function ensureDirectory(tree: MountedTree, path: string, made: (path: string) => void): void {
  let at = ''
  for (const part of path.split('/').filter(Boolean)) {
    at = `${at}/${part}`
    if (!tree.has(at)) made(at)
    tree.locateDirectory(at)
  }
}

/** Takes away the places that were made and are empty still. The layer is our own: no link in it is followed. */
function removeTargets(upper: string, made: readonly string[]): void {
  for (const path of made.toReversed()) {
    const full = join(upper, path)
    const parents = path.split('/').slice(1, -1)
    let at = upper
    if (!parents.every(part => lstatSync((at = join(at, part)), { throwIfNoEntry: false })?.isDirectory())) continue
    const stat = lstatSync(full, { throwIfNoEntry: false })
    if (stat?.isDirectory() ? readdirSync(full).length === 0 : stat?.isFile() && stat.size === 0)
      rmSync(full, { recursive: true })
  }
}
