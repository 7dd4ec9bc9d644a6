import { lstatSync, readdirSync, rmSync } from 'node:fs'
import { join, posix } from 'node:path'
import { EngineError } from '../../base/errors.ts'
import { MountedTree } from '../../snapshot/mounted-tree.ts'
import type { ExecutionConfig } from '../../spec/oci-image.ts'
import type { Instruction } from '../dockerfile/instruction.ts'
import { CommandFailed, needsBuildKit } from '../failure.ts'
import { commandOf, envOf, type LayerPlace, type Op, type StageView, shellOf } from './op.ts'

export const run: Op = (instruction, stage) => {
  const { deps, options, config, args } = stage
  for (const flag of ['mount', 'security']) if (instruction.flags.has(flag)) throw needsBuildKit(flag)
  const command = withHeredocs(instruction, config)
  const env = envOf(config)
  const key = args.keyOf(env)
  const networkMode = networkOf(instruction) ?? options.networkMode ?? ''
  return {
    config,
    createdBy: [...(key.length ? [`|${key.length}`, ...key] : []), ...command].join(' '),
    comment: ['RUN', ...(key.length ? [`|${key.length}`, ...key] : []), ...command, '# buildkit'].join(' '),
    inputs: [
      'run',
      JSON.stringify([
        command,
        config.Env,
        key,
        config.User,
        config.WorkingDir,
        networkMode,
        options.extraHosts,
        options.ulimits,
      ]),
    ],
    inContainer: true,
    fill: async place => {
      const { chainId, upper, work, id } = place
      const volumes = Object.keys(config.Volumes ?? {})
      if (volumes.length > 0) makeVolumes(stage, place, volumes)
      const code = await deps.runStep({
        chainId,
        upper,
        work,
        id,
        config,
        command,
        env: [...(config.Env ?? []), ...args.environment(env)],
        user: config.User ?? '',
        workdir: config.WorkingDir || '/',
        networkMode,
        options,
        onOutput: stage.output,
        signal: options.signal,
      })
      if (code !== 0) throw new CommandFailed(command, code, stage.dialect)
      dropVolumes(upper, volumes)
    },
  }
}

function networkOf({ flags }: Instruction): string | undefined {
  const network = flags.get('network')?.at(-1)
  if (network === undefined || network === 'default') return undefined
  if (network === 'none' || network === 'host') return network
  throw new EngineError('invalid', `unsupported network mode: ${JSON.stringify(network)}`)
}

/** Documents behind the command go to the shell with it; a document alone is the script. */
function withHeredocs(instruction: Instruction, config: ExecutionConfig): readonly string[] {
  const { heredocs, args, isJson } = instruction
  if (heredocs.length === 0 || isJson) return commandOf(instruction, config)
  const text = args[0]!
  const [first] = heredocs
  if (heredocs.length === 1 && /^<<-?["']?\w+["']?$/.test(text)) {
    const [, interpreter] = /^#!(.*)\n/.exec(first!.body) ?? []
    if (interpreter === undefined) return [...shellOf(config), first!.body]
    return [...shellOf(config), `${interpreter.trim()} /dev/stdin <<'${first!.name}'\n${first!.body}${first!.name}`]
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
