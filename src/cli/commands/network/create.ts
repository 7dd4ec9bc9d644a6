import { type Context, command } from '../../command.ts'
import { toIpam } from '../../options/ipam.ts'
import { toMap } from '../container/create-request.ts'

const createFlags = {
  attachable: { type: 'bool', help: 'Containers may join by hand', since: '1.25' },
  'aux-address': { type: 'map', help: 'Addresses to leave alone' },
  'config-from': { type: 'string', help: 'Network whose settings to take', since: '1.30' },
  'config-only': { type: 'bool', help: 'Settings for others, no network of its own', since: '1.30' },
  driver: { type: 'string', short: 'd', help: 'Driver', default: 'bridge' },
  gateway: { type: 'strings', help: 'Gateway of a subnet' },
  ingress: { type: 'bool', help: "The swarm's own network", since: '1.29' },
  internal: { type: 'bool', help: 'No way out' },
  'ip-range': { type: 'strings', help: 'Part of the subnet to give out' },
  'ipam-driver': { type: 'string', help: 'Driver for addresses', default: 'default' },
  'ipam-opt': { type: 'map', help: 'Option for the driver for addresses' },
  ipv4: { type: 'bool', help: 'IPv4', default: true },
  ipv6: { type: 'bool', help: 'IPv6' },
  label: { type: 'list', help: 'Label' },
  opt: { type: 'map', short: 'o', help: 'Option for the driver' },
  scope: { type: 'string', help: 'How far it reaches', since: '1.30' },
  subnet: { type: 'strings', help: 'Subnet, such as 10.1.0.0/24' },
} as const

const toRequest = ({ args, changed, flags }: Context<typeof createFlags>) => ({
  Driver: flags.driver,
  Scope: flags.scope,
  ...(changed.has('ipv4') ? { EnableIPv4: flags.ipv4 } : {}),
  ...(changed.has('ipv6') ? { EnableIPv6: flags.ipv6 } : {}),
  IPAM: {
    Driver: flags['ipam-driver'],
    Options: toMap(flags['ipam-opt']),
    Config: toIpam(flags.subnet, flags['ip-range'], flags.gateway, toMap(flags['aux-address'])),
  },
  Internal: flags.internal,
  Attachable: flags.attachable,
  Ingress: flags.ingress,
  ConfigOnly: flags['config-only'],
  ConfigFrom: flags['config-from'] ? { Network: flags['config-from'] } : null,
  Options: toMap(flags.opt),
  Labels: toMap(flags.label),
  Name: args[0]!,
})

export const create = command({
  usage: '[OPTIONS] NETWORK',
  summary: 'Make a network',
  minArgs: 1,
  maxArgs: 1,
  flags: createFlags,
  async run(context) {
    const { engine, err, out } = context
    const { Id, Warning } = await engine.networks.create(toRequest(context))
    if (Warning) err.line(`WARNING: ${Warning}`)
    out.line(Id!)
  },
})
