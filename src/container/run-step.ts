import { chownSync } from 'node:fs'
import { zeroTime } from '../base/time.ts'
import type { TaskInfo } from '../runtime/runtime.ts'
import { toOutside } from '../snapshot/owners.ts'
import type { Digest } from '../spec/digest.ts'
import type { BuildOptions } from '../spec/engine-api/build-verbs.ts'
import type { ExecutionConfig } from '../spec/oci-image.ts'
import type { RuntimeMount, RuntimeSpec } from '../spec/oci-runtime.ts'
import { attachNetwork } from './attach-network.ts'
import { cgroupOf, programOf, writeBundle } from './bundle.ts'
import { readCdiDevices } from './cdi.ts'
import type { ContainerDeps, Remap } from './deps.ts'
import { requestedEdits } from './devices.ts'
import { FrameSplitter } from './frames.ts'
import { noSources } from './mounts.ts'
import { normalizeConfig, normalizeHostConfig } from './normalize.ts'
import { openOwnNamespaces } from './own-namespaces.ts'
import { pickRuntime } from './pick-runtime.ts'
import { type ContainerRecord, unstarted } from './record.ts'
import { remapOf, shifted } from './remap.ts'
import { makeContainerDir, removeContainerDir, withInitLayer } from './rootfs.ts'

type StepMount = Required<RuntimeMount> & { readonly owner?: { readonly uid: number; readonly gid: number } }

export interface Step {
  readonly id: string
  readonly chainId: Digest | undefined
  readonly upper: string
  readonly work: string
  readonly config: ExecutionConfig
  readonly command: readonly string[]
  readonly env: readonly string[]
  readonly user: string
  readonly workdir: string
  readonly networkMode: string
  /** of a step that is no container to what runs in it, as BuildKit's; undefined is a container's */
  readonly hostname?: string | undefined
  readonly mounts: readonly StepMount[]
  readonly privileged?: boolean
  readonly devices?: readonly { readonly name: string; readonly required: boolean }[]
  readonly options: BuildOptions
  readonly onOutput: (chunk: Buffer, output: 'stdout' | 'stderr') => void
  readonly signal?: AbortSignal | undefined
}

/** what a step ends with when nobody saw how */
const unknownExitCode = 255
const exits = new Map<string, (exitCode: number) => void>()

/** Takes the ends of build steps; false when `id` is none. */
export function stepEnded(id: string, exitCode: number): boolean {
  const resolve = exits.get(id)
  exits.delete(id)
  resolve?.(exitCode < 0 ? unknownExitCode : exitCode)
  return resolve !== undefined
}

/** Those of `tasks` that are no steps of builds under way; steps that have ended hear of it. */
export function settleSteps(tasks: readonly TaskInfo[]): readonly TaskInfo[] {
  const others = tasks.filter(({ id }) => !exits.has(id))
  for (const { id, exit } of tasks) if (exit) stepEnded(id, exit.exitCode)
  return others
}

/** A step looks like a container to everything below, but has no record: nobody can list or find it. */
function toRecord(deps: ContainerDeps, step: Step): ContainerRecord {
  const { options, devices = [] } = step
  const known = devices.length > 0 ? readCdiDevices(deps.settings.cdiDirs) : undefined
  const DeviceIDs = devices.filter(({ name, required }) => required || known?.has(name)).map(({ name }) => name)
  const hostConfig = normalizeHostConfig(
    {
      NetworkMode: step.networkMode,
      Privileged: step.privileged ?? false,
      ...(DeviceIDs.length > 0 && { DeviceRequests: [{ Driver: 'cdi', DeviceIDs }] }),
      ExtraHosts: options.extraHosts ?? null,
      Ulimits: options.ulimits ?? null,
      ShmSize: options.shmSize,
      Memory: options.memory,
      MemorySwap: options.memorySwap,
      CpuShares: options.cpuShares,
      CpuPeriod: options.cpuPeriod,
      CpuQuota: options.cpuQuota,
      CpusetCpus: options.cpusetCpus,
      CpusetMems: options.cpusetMems,
      CgroupParent: options.cgroupParent,
    },
    deps.settings,
  )
  const config = normalizeConfig(
    { Env: step.env, User: step.user, WorkingDir: step.workdir, ...(step.hostname && { Hostname: step.hostname }) },
    step.id,
    hostConfig,
    '',
  )
  return {
    id: step.id,
    name: step.id.slice(0, 12),
    created: zeroTime,
    path: step.command[0]!,
    args: step.command.slice(1),
    imageId: '',
    chainId: step.chainId,
    platform: 'linux',
    config,
    hostConfig,
    mounts: [],
    endpoints: { [hostConfig.NetworkMode!]: {} },
    ports: {},
    ...unstarted,
  }
}

/** Without what is of no concern to the runtime; the source belongs to its owner in the step from now on. */
function toRuntimeMount(
  { destination, type, source, options, owner }: StepMount,
  remap: Remap | undefined,
): RuntimeMount {
  if (owner && remap) chownSync(source, toOutside(remap.uids, owner.uid), toOutside(remap.gids, owner.gid))
  else if (owner) chownSync(source, owner.uid, owner.gid)
  return { destination, type, source, options }
}

/** Without what tells a container: the file with its name, and the variable, unless it is the step's own. */
function asSandbox(spec: RuntimeSpec, { env }: Step): RuntimeSpec {
  const isOwn = env.some(each => each.startsWith('HOSTNAME='))
  const kept = spec.process.env.filter(each => isOwn || !each.startsWith('HOSTNAME='))
  const mounts = spec.mounts.filter(({ destination }) => destination !== '/etc/hostname')
  return { ...spec, process: { ...spec.process, env: kept }, mounts }
}

/** Runs one command of a build like a container that leaves only its files; resolves when nothing of it is left. */
export async function runStep(deps: ContainerDeps, step: Step): Promise<number> {
  const record = toRecord(deps, step)
  const edits = requestedEdits(record, deps.settings.cdiDirs)
  await using undo = new AsyncDisposableStack()
  undo.defer(() => removeContainerDir(deps, step.id))
  makeContainerDir(deps, step.id)
  undo.defer(() => deps.runtime.forget(step.id))
  undo.defer(() => deps.networks.detach(step.id))
  using own = await openOwnNamespaces(deps, record)
  const net = await attachNetwork(deps, record, own?.network)
  const remap = remapOf(deps.settings, record.hostConfig)
  const mounts = step.mounts.map(mount => toRuntimeMount(mount, remap))
  const bundle = writeBundle(deps, record, net, own, noSources, mounts, edits, spec =>
    step.hostname === undefined ? spec : asSandbox(spec, step),
  )
  const exit = new Promise<number>(resolve => exits.set(step.id, resolve))
  undo.defer(() => void exits.delete(step.id))
  const output = await deps.runtime.attach({ id: step.id, stdin: false, stdout: true, stderr: true })
  const frames = new FrameSplitter(step.onOutput)
  output.on('data', (chunk: Buffer) => frames.push(chunk))
  output.resume() // it comes paused, so that nothing is lost before somebody listens
  const drained = new Promise<void>(resolve => output.once('close', () => resolve()))
  const root = deps.snapshots.mount(step.chainId, { upper: step.upper, work: step.work })
  const { pid } = await deps.runtime.start({
    id: step.id,
    bundle,
    rootfs: [
      shifted(
        deps,
        record.hostConfig,
        withInitLayer(deps, root, step.hostname === undefined ? 'container' : 'sandbox'),
      ),
    ],
    runtime: pickRuntime(deps.settings, record.hostConfig.Runtime!),
    cgroup: cgroupOf(deps, record),
    stdio: { tty: false, stdin: false, stdinOnce: false },
    log: {},
    program: programOf(record),
    dns: net.sandbox?.dns && net.path ? { config: net.sandbox.dns, namespace: net.path } : undefined,
  })
  deps.networks.started(step.id, pid)
  const cancel = () => void deps.runtime.signal(step.id, 9).catch(() => {})
  step.signal?.addEventListener('abort', cancel, { once: true })
  const exitCode = await exit
  step.signal?.removeEventListener('abort', cancel)
  output.end()
  await drained
  return exitCode
}
