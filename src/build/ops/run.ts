import { lstatSync, readdirSync, rmSync } from 'node:fs'
import { join, posix } from 'node:path'
import { EngineError } from '../../base/errors.ts'
import { MountedTree } from '../../snapshot/mounted-tree.ts'
import type { ExecutionConfig } from '../../spec/oci-image.ts'
import { type DeviceFlag, parseDevice } from '../dockerfile/device-flag.ts'
import { parseError } from '../dockerfile/error.ts'
import type { Instruction } from '../dockerfile/instruction.ts'
import { type MountFlag, parseMount } from '../dockerfile/mount-flag.ts'
import { CommandFailed, needsBuildKit } from '../failure.ts'
import { commandOf, envOf, type LayerPlace, type Op, type StageView, shellOf } from './op.ts'
import { mountKeys, prepareMounts } from './run-mounts.ts'

export const run: Op = (instruction, stage) => {
  const { options, config, args, dialect } = stage
  if (dialect === 'classic')
    for (const flag of ['mount', 'security', 'device']) if (instruction.flags.has(flag)) throw needsBuildKit(flag)
  const privileged = isPrivileged(instruction, stage)
  const devices = devicesOf(instruction, stage)
  const command = withHeredocs(instruction, config)
  const key = args.keyOf(envOf(config))
  const networkMode = networkOf(instruction, stage) ?? options.networkMode ?? ''
  const flags = (instruction.flags.get('mount') ?? []).map(text =>
    parseMount(stage.expand(text), config.WorkingDir ?? '/'),
  )
  const script = scriptOf(instruction)
  const running: Running = { command, networkMode, flags, script, privileged, devices }
  const { extraHosts = [], ulimits = null } = options
  const { Env, User, WorkingDir } = config
  const volumes = dialect === 'classic' ? Object.keys(config.Volumes ?? {}) : []
  const inputs = [
    'run',
    JSON.stringify([command, script?.body, Env, key, User, WorkingDir, networkMode, extraHosts, ulimits]),
    // what a command leaves in them is lost
    ...(volumes.length ? [JSON.stringify(volumes)] : []),
    ...(options.hostname ? [`host ${options.hostname}`] : []),
    ...(privileged ? ['insecure'] : []),
    ...devices.map(({ name }) => `device ${name}`),
  ]
  const createdBy = [...(key.length ? [`|${key.length}`, ...key] : []), ...command].join(' ')
  return {
    config,
    createdBy,
    comment: `RUN ${createdBy} # buildkit`,
    inputs,
    inContainer: true,
    mounts: flags,
    reads: flags.flatMap(({ kind, from, source }) =>
      kind === 'bind' || (kind === 'cache' && from !== undefined) ? [{ from, paths: [source] }] : [],
    ),
    settle: async () => ({
      createdBy,
      inputs: [...inputs, ...(await mountKeys(flags, stage))],
      fill: place => runIn(place, running, stage),
    }),
  }
}

/** What BuildKit calls the machine of every step: the same build sees the same. */
export const sandboxName = 'buildkitsandbox'

interface Running {
  readonly command: readonly string[]
  readonly networkMode: string
  readonly flags: readonly MountFlag[]
  readonly script: { readonly path: string; readonly body: string } | undefined
  readonly privileged: boolean
  readonly devices: readonly DeviceFlag[]
}

async function runIn(
  place: LayerPlace,
  { command, networkMode, flags, script, privileged, devices }: Running,
  stage: StageView,
): Promise<void> {
  const { deps, options, config } = stage
  const { chainId, upper, work, id } = place
  const volumes = stage.dialect === 'classic' ? Object.keys(config.Volumes ?? {}) : []
  if (volumes.length > 0) makeVolumes(stage, place, volumes)
  await using prepared = flags.length > 0 || script ? await prepareMounts(flags, stage, place, script) : undefined
  const code = await deps.runStep({
    chainId,
    upper,
    work,
    id,
    config,
    command,
    env: environmentOf(stage, prepared?.env ?? []),
    user: config.User ?? '',
    workdir: config.WorkingDir || '/',
    networkMode,
    hostname: stage.dialect === 'buildkit' ? (options.hostname ?? sandboxName) : undefined,
    mounts: prepared?.mounts ?? [],
    privileged,
    devices,
    options,
    onOutput: stage.output,
    signal: options.signal,
  })
  options.signal?.throwIfAborted()
  if (code !== 0) throw new CommandFailed(command, code, stage.dialect)
  dropVolumes(upper, volumes)
}

/** Variables, then arguments, of which one that was declared later hides a variable of its name. */
function environmentOf({ config, args, lookUp }: StageView, more: readonly string[]): readonly string[] {
  const env = envOf(config)
  const own = [...env.keys()].map(name => `${name}=${args.isDeclared(name) ? lookUp(name) : env.get(name)}`)
  return [...own, ...args.environment(env), ...more]
}

function isPrivileged({ flags }: Instruction, { allows }: StageView): boolean {
  const mode = flags.get('security')?.at(-1)
  if (mode === undefined || mode === 'sandbox') return false
  if (mode !== 'insecure') throw new EngineError('invalid', `security mode ${JSON.stringify(mode)} is not valid`)
  if (!allows?.('security.insecure')) throw notAllowed('security.insecure')
  return true
}

const notAllowed = (what: string) => new EngineError('invalid', `failed to load LLB: ${what} is not allowed`)

function devicesOf({ flags }: Instruction, { allows, expand }: StageView): readonly DeviceFlag[] {
  const devices = (flags.get('device') ?? []).map(text => parseDevice(expand(text)))
  const refused = devices.find(({ name }) => !allows?.(`device=${name}`))
  if (refused) throw notAllowed(`device ${refused.name}`)
  return devices
}

function networkOf({ flags, line }: Instruction, { dialect, allows }: StageView): string | undefined {
  const network = flags.get('network')?.at(-1)
  if (network === undefined || network === 'default') return undefined
  if (network === 'host' && dialect === 'buildkit' && !allows?.('network.host')) throw notAllowed('network.host')
  if (network === 'none' || network === 'host') return network
  if (dialect === 'buildkit') throw parseError(line, `invalid network mode ${JSON.stringify(network)}`)
  throw new EngineError('invalid', `unsupported network mode: ${JSON.stringify(network)}`)
}

const scriptPath = (name: string): string => `/dev/pipes/${name}`

/** A document that names its interpreter is a file, which only the command sees. */
function scriptOf({ heredocs, args, isJson }: Instruction): Running['script'] {
  const [first] = heredocs
  const isScript =
    !isJson && heredocs.length === 1 && /^<<-?["']?\w+["']?$/.test(args[0]!) && first!.body.startsWith('#!')
  return isScript ? { path: scriptPath(first!.name), body: first!.body } : undefined
}

/** Documents behind the command go to the shell with it; a document alone is the script. */
function withHeredocs(instruction: Instruction, config: ExecutionConfig): readonly string[] {
  const { heredocs, args, isJson } = instruction
  if (heredocs.length === 0 || isJson) return commandOf(instruction, config)
  const text = args[0]!
  const [first] = heredocs
  if (heredocs.length === 1 && /^<<-?["']?\w+["']?$/.test(text)) {
    return [...shellOf(config), first!.body.startsWith('#!') ? scriptPath(first!.name) : first!.body]
  }
  return [...shellOf(config), `${text}\n${heredocs.map(({ name, body }) => `${body}${name}`).join('\n')}`]
}

/** The places that volumes are mounted at. */
function makeVolumes({ deps }: StageView, place: LayerPlace, paths: readonly string[]): void {
  using tree = new MountedTree(deps.snapshots.mount(place.chainId, place), deps.dir)
  for (const path of paths) tree.locateDirectory(posix.resolve('/', path))
}

/** What a command leaves in a volume is lost. The layer is our own: no link in it is followed. */
function dropVolumes(upper: string, paths: readonly string[]): void {
  for (const path of paths) {
    let at = upper
    const isOurs = path
      .split('/')
      .filter(part => part && part !== '.')
      .every(part => {
        at = join(at, part)
        return part !== '..' && lstatSync(at, { throwIfNoEntry: false })?.isDirectory()
      })
    if (isOurs && at !== upper) for (const name of readdirSync(at)) rmSync(join(at, name), { recursive: true })
  }
}
