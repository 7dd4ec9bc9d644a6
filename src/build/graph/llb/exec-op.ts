import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError } from '../../../base/errors.ts'
import type { LowLevelExec, LowLevelMount } from '../../../spec/engine-api/low-level.ts'
import type { StepMount } from '../../deps.ts'
import type { MountFlag, MountKind } from '../../dockerfile/mount-flag.ts'
import { CommandFailed } from '../../failure.ts'
import type { LayerPlace, StageView } from '../../ops/op.ts'
import { sandboxName } from '../../ops/run.ts'
import { mountKeys, prepareMounts } from '../../ops/run-mounts.ts'
import { isAllowed } from '../entitlements.ts'
import { lentBy } from '../remote-context.ts'
import type { Stack } from '../run-steps.ts'
import { emptyStack, type Making, putLayers } from './layers.ts'

const kinds: readonly MountKind[] = ['bind', 'secret', 'ssh', 'cache', 'tmpfs']
const sharings = ['shared', 'private', 'locked'] as const
const networks = ['', 'host', 'none'] as const

interface Wish {
  readonly exec: LowLevelExec
  readonly inputs: readonly Stack[]
  readonly name: string | undefined
  readonly ignoreCache: boolean
}

/** Runs a command; returns what becomes of its root and of other mounts, by the numbers of its outputs. */
export async function execute(
  making: Making,
  { exec, inputs, name, ignoreCache }: Wish,
): Promise<readonly (Stack | undefined)[]> {
  const { request } = making
  const { meta, mounts, network, security } = exec
  if (!meta || meta.args.length === 0) throw new EngineError('invalid', 'invalid exec op with no args')
  checkAllowed(exec, request.options.entitlements)
  const root = mounts.find(({ dest }) => dest === '/')
  if (!root) throw new EngineError('invalid', 'invalid exec op with no rootfs')
  const below = (mount: LowLevelMount) => (mount.input < 0 ? emptyStack : inputs[mount.input]!)
  // what the command writes there is an output as well
  const kept = [root, ...mounts.filter(mount => mount !== root && isKept(mount))]
  const title = name ?? meta.args.join(' ')
  const step = request.progress.step(title)
  const scratch = mkdtempSync(join(request.deps.dir, 'build-'))
  try {
    const flags = flagsOf(exec, kept)
    const view = viewOf(making, inputs, scratch, step)
    const { args, env, cwd, user, extraHosts, ulimits, hostname } = meta
    const key = JSON.stringify([args, env, cwd, user, extraHosts, ulimits, hostname, network, security])
    const keys = ['exec', key, ...(await mountKeys(flags, view))]
    const fill = (places: readonly LayerPlace[]) => run(making, exec, { kept, places, flags, view, scratch })
    const stacks = await putLayers(making, { below: kept.map(below), inputs: keys, ignoreCache, step, fill })
    const outputs: Stack[] = []
    for (const [i, { output }] of kept.entries()) if (output >= 0) outputs[output] = stacks[i]!
    return outputs
  } catch (error) {
    step.fail(error)
    throw error
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

function checkAllowed({ network, security }: LowLevelExec, entitlements: readonly string[]): void {
  const wanted = [...(network === 1 ? ['network.host'] : []), ...(security === 1 ? ['security.insecure'] : [])]
  const refused = wanted.find(each => !isAllowed(entitlements, each))
  if (refused) throw new EngineError('invalid', `failed to load LLB: ${refused} is not allowed`)
}

/** The mounts but the root, and secrets that become variables, in the words of `RUN --mount`. */
function flagsOf({ mounts, secretEnv }: LowLevelExec, kept: readonly LowLevelMount[]): readonly MountFlag[] {
  const plain = {
    source: '',
    from: undefined,
    id: '',
    readOnly: false,
    sharing: 'shared',
    required: false,
    sizeBytes: 0,
  } as const
  const none = { uid: undefined, gid: undefined, mode: undefined, env: undefined }
  const files = mounts
    .filter(mount => !kept.includes(mount))
    .map((mount): MountFlag => toFlag(mount, { ...plain, ...none, kind: 'bind', target: mount.dest }))
  const variables = secretEnv.map(
    ({ ID, name, optional }): MountFlag => ({
      ...plain,
      ...none,
      kind: 'secret',
      target: '',
      id: ID,
      required: !optional,
      env: name,
    }),
  )
  return [...files, ...variables]
}

function toFlag(mount: LowLevelMount, plain: MountFlag): MountFlag {
  const kind = kinds[mount.type]
  if (!kind) throw new EngineError('invalid', `mount type ${mount.type} is not supported`)
  const { secret, ssh, cache, tmpfs } = mount
  const option = kind === 'secret' ? secret : kind === 'ssh' ? ssh : undefined
  return {
    ...plain,
    kind,
    source: mount.selector,
    from: mount.input < 0 && kind !== 'bind' ? undefined : `${mount.input}`,
    readOnly: mount.readonly,
    id: option?.ID ?? cache?.ID ?? '',
    sharing: sharings[cache?.sharing ?? 0] ?? 'shared',
    sizeBytes: tmpfs?.size ?? 0,
    ...(option && { required: !option.optional, uid: option.uid, gid: option.gid, mode: option.mode || undefined }),
  }
}

/** What mounts need of the stage that a Dockerfile would have: `from` is the number of an input. */
function viewOf(
  { request, signal }: Making,
  inputs: readonly Stack[],
  scratch: string,
  step: { output: StageView['output'] },
): StageView {
  const nothing = () => {
    throw new EngineError('invalid', 'a mount of nothing cannot be read from')
  }
  return {
    deps: request.deps,
    options: { ...request.options, signal },
    context: { scratch, ready: async () => nothing(), path: nothing, open: nothing } as never,
    args: undefined as never,
    config: {},
    hasCmd: false,
    expand: word => word,
    lookUp: () => undefined,
    send: () => {},
    output: (chunk, output) => step.output(chunk, output),
    dialect: 'buildkit',
    imageOf: async from => inputs[Number(from)] ?? emptyStack,
    ...lentBy(request.client),
  }
}

/** A mount whose changes are wanted; of a part of an input they are not supported. */
function isKept({ type, output, readonly, selector }: LowLevelMount): boolean {
  if (type !== 0 || output < 0 || readonly) return false
  return selector === '' || selector === '/'
}

interface Running {
  /** the root, and other mounts that become layers, each at its place */
  readonly kept: readonly LowLevelMount[]
  readonly places: readonly LayerPlace[]
  readonly flags: readonly MountFlag[]
  readonly view: StageView
  readonly scratch: string
}

async function run(
  { request, signal }: Making,
  { meta, network, security }: LowLevelExec,
  { kept, places, flags, view, scratch }: Running,
): Promise<void> {
  const { args, env, cwd, user, extraHosts, ulimits, cgroupParent, validExitCodes } = meta!
  const { snapshots } = request.deps
  const empty = mkdtempSync(join(scratch, 'empty-'))
  const writable = kept.slice(1).map(({ dest }, i): StepMount => {
    const { chainId, upper, work } = places[i + 1]!
    const lower = chainId ? snapshots.layers(chainId) : [empty]
    const options = [`lowerdir=${lower.join(':')}`, `upperdir=${upper}`, `workdir=${work}`]
    return { destination: dest, type: 'overlay', source: 'overlay', options, isDirectory: true }
  })
  const place = places[0]!
  const needsMounts = flags.length + writable.length > 0
  await using prepared = needsMounts ? await prepareMounts(flags, view, place, undefined, writable) : undefined
  const code = await request.deps.runStep({
    ...place,
    config: {},
    command: args,
    env: [...env, ...(prepared?.env ?? [])],
    user,
    workdir: cwd || '/',
    networkMode: networks[network] || request.options.networkMode || '',
    hostname: meta!.hostname || request.options.hostname || sandboxName,
    mounts: prepared?.mounts ?? [],
    privileged: security === 1,
    options: {
      ...request.options,
      extraHosts: extraHosts.map(({ host, ip }) => `${host}:${ip}`),
      ulimits: ulimits.length ? ulimits.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })) : null,
      cgroupParent: cgroupParent || request.options.cgroupParent,
    },
    onOutput: view.output,
    signal,
  })
  signal.throwIfAborted()
  const valid = validExitCodes.length > 0 ? validExitCodes : [0]
  if (!valid.includes(code)) throw new CommandFailed(args, code, 'buildkit')
}
