import { type Context, command } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import { toMap } from '../container/create-request.ts'

const createFlags = {
  availability: {
    type: 'string',
    help: 'Of a cluster volume: active, pause or drain',
    default: 'active',
    since: '1.42',
  },
  driver: { type: 'string', short: 'd', help: 'Driver', default: 'local' },
  group: { type: 'string', help: 'Of a cluster volume: its group', since: '1.42' },
  label: { type: 'list', help: 'Label' },
  'limit-bytes': { type: 'bytes', help: 'Of a cluster volume: largest size', since: '1.42' },
  name: { type: 'string', help: 'Name', hidden: true },
  opt: { type: 'map', short: 'o', help: 'Option for the driver' },
  'required-bytes': { type: 'bytes', help: 'Of a cluster volume: least size', since: '1.42' },
  scope: { type: 'string', help: 'Of a cluster volume: single or multi', default: 'single', since: '1.42' },
  secret: { type: 'map', help: 'Of a cluster volume: secret', since: '1.42' },
  sharing: {
    type: 'string',
    help: 'Of a cluster volume: none, readonly, onewriter or all',
    default: 'none',
    since: '1.42',
  },
  'topology-preferred': { type: 'list', help: 'Of a cluster volume: where it had best be', since: '1.42' },
  'topology-required': { type: 'list', help: 'Of a cluster volume: where it must be reachable', since: '1.42' },
  type: { type: 'string', help: 'Of a cluster volume: mount or block', default: 'block', since: '1.42' },
} as const

const clusterFlags = [
  'availability',
  'group',
  'limit-bytes',
  'required-bytes',
  'scope',
  'secret',
  'sharing',
  'topology-preferred',
  'topology-required',
  'type',
]

const topology = (text: string) => ({ Segments: toMap(text.split(',')) })

function clusterSpec({ flags }: Context<typeof createFlags>): object {
  const isBlock = flags.type === 'block'
  const required = flags['topology-required'].map(topology)
  const preferred = flags['topology-preferred'].map(topology)
  return {
    ...(flags.group ? { Group: flags.group } : {}),
    AccessMode: {
      Scope: flags.scope,
      Sharing: flags.sharing,
      ...(isBlock ? { BlockVolume: {} } : { MountVolume: {} }),
    },
    AccessibilityRequirements: {
      ...(required.length ? { Requisite: required } : {}),
      ...(preferred.length ? { Preferred: preferred } : {}),
    },
    CapacityRange: { RequiredBytes: flags['required-bytes'], LimitBytes: flags['limit-bytes'] },
    ...(flags.secret.length
      ? { Secrets: Object.entries(toMap(flags.secret)).map(([Key, Secret]) => ({ Key, Secret })) }
      : {}),
    Availability: flags.availability,
  }
}

export const create = command({
  usage: '[OPTIONS] [VOLUME]',
  summary: 'Make a volume',
  maxArgs: 1,
  flags: createFlags,
  async run(context) {
    const { args, changed, engine, flags, out } = context
    if (flags.name && args[0])
      throw new ExitError(
        1,
        'conflicting options: cannot specify a volume-name through both --name and as a positional arg',
      )
    const isCluster = clusterFlags.some(name => changed.has(name))
    const { Name } = await engine.volumes.create({
      ...(isCluster ? { ClusterVolumeSpec: clusterSpec(context) } : {}),
      Driver: flags.driver,
      ...(flags.opt.length ? { DriverOpts: toMap(flags.opt) } : {}),
      ...(flags.label.length ? { Labels: toMap(flags.label) } : {}),
      ...(args[0] || flags.name ? { Name: args[0] ?? flags.name } : {}),
    } as never)
    out.line(Name!)
  },
})
