import type { EndpointSettings } from '../../../spec/engine-api/network.ts'
import { command } from '../../command.ts'
import { throwAll } from '../../errors.ts'
import { parseFilters } from '../../filters.ts'
import { printList } from '../../format/list.ts'
import { toMap } from '../container/create-request.ts'

export const create = command({
  usage: '[OPTIONS] NETWORK',
  summary: 'Make a network',
  minArgs: 1,
  maxArgs: 1,
  flags: {
    attachable: { type: 'bool', help: 'Containers may join by hand' },
    driver: { type: 'string', short: 'd', help: 'Driver', default: 'bridge' },
    gateway: { type: 'strings', help: 'Gateway of the first subnet' },
    internal: { type: 'bool', help: 'No way out' },
    'ip-range': { type: 'strings', help: 'Part of the subnet to give out' },
    ipv6: { type: 'bool', help: 'IPv6 as well' },
    label: { type: 'list', help: 'Label' },
    opt: { type: 'map', short: 'o', help: 'Option for the driver' },
    subnet: { type: 'strings', help: 'Subnet, such as 10.1.0.0/24' },
  },
  async run({ args, changed, engine, flags, out }) {
    const pools = flags.subnet.map((Subnet, at) => ({
      Subnet,
      ...(flags['ip-range'][at] ? { IPRange: flags['ip-range'][at] } : {}),
      ...(flags.gateway[at] ? { Gateway: flags.gateway[at] } : {}),
    }))
    const { Id } = await engine.networks.create({
      Driver: flags.driver,
      Scope: '',
      ...(changed.has('ipv6') ? { EnableIPv6: flags.ipv6 } : {}),
      IPAM: { Driver: 'default', Options: {}, Config: pools } as never,
      Internal: flags.internal,
      Attachable: flags.attachable,
      Ingress: false,
      ConfigOnly: false,
      ConfigFrom: null,
      Options: toMap(flags.opt),
      Labels: toMap(flags.label),
      Name: args[0]!,
    })
    out.line(Id!)
  },
})

export const list = command({
  usage: '[OPTIONS]',
  summary: 'Show networks',
  maxArgs: 0,
  flags: {
    filter: { type: 'filter', short: 'f', help: 'Only those that match, such as driver=bridge' },
    format: { type: 'string', help: "'table', 'table TEMPLATE', 'json' or a Go template for each line" },
    'no-trunc': { type: 'bool', help: 'Full ids' },
    quiet: { type: 'bool', short: 'q', help: 'Ids only' },
  },
  async run({ engine, flags, out }) {
    const found = [...(await engine.networks.list(parseFilters(flags.filter)))].sort((a, b) =>
      (a.Name ?? '') < (b.Name ?? '') ? -1 : 1,
    )
    const id = (text = '') => (flags['no-trunc'] ? text : text.slice(0, 12))
    if (flags.quiet && !flags.format) return void found.forEach(({ Id }) => void out.line(id(Id)))
    const columns = {
      ID: { heading: 'NETWORK ID', get: (item: (typeof found)[number]) => id(item.Id) },
      Name: { heading: 'NAME', get: (item: (typeof found)[number]) => item.Name },
      Driver: { heading: 'DRIVER', get: (item: (typeof found)[number]) => item.Driver },
      Scope: { heading: 'SCOPE', get: (item: (typeof found)[number]) => item.Scope },
    }
    printList(out, columns, found, flags.format, '{{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}')
  },
})

export const rm = command({
  usage: 'NETWORK [NETWORK...]',
  summary: 'Delete one or more networks',
  minArgs: 1,
  complete: 'network',
  flags: { force: { type: 'bool', short: 'f', help: 'Do not mind when it is not there' } },
  async run({ args, engine, flags, out }) {
    const errors: unknown[] = []
    for (const name of args) {
      try {
        await engine.networks.remove(name)
        out.line(name)
      } catch (error) {
        if (!flags.force || (error as { kind?: string }).kind !== 'not-found') errors.push(error)
      }
    }
    throwAll(errors)
  },
})

export const connect = command({
  usage: '[OPTIONS] NETWORK CONTAINER',
  summary: 'Let a container join a network',
  minArgs: 2,
  maxArgs: 2,
  flags: {
    alias: { type: 'strings', help: 'Further name within the network' },
    ip: { type: 'string', help: 'IPv4 address' },
    ip6: { type: 'string', help: 'IPv6 address' },
  },
  run: ({ args, engine, flags }) => {
    const ipam = { ...(flags.ip ? { IPv4Address: flags.ip } : {}), ...(flags.ip6 ? { IPv6Address: flags.ip6 } : {}) }
    const endpoint = { IPAMConfig: ipam, Aliases: flags.alias.length ? flags.alias : null }
    return engine.networks.connect(args[0]!, args[1]!, endpoint as unknown as EndpointSettings)
  },
})

export const disconnect = command({
  usage: '[OPTIONS] NETWORK CONTAINER',
  summary: 'Take a container out of a network',
  minArgs: 2,
  maxArgs: 2,
  flags: { force: { type: 'bool', short: 'f', help: 'Whatever state it is in' } },
  run: ({ args, engine, flags }) => engine.networks.disconnect(args[0]!, args[1]!, flags.force),
})
