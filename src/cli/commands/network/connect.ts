import type { EndpointSettings } from '../../../spec/engine-api/network.ts'
import { command } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import { link } from '../../options/checks.ts'
import { cut } from '../../options/csv.ts'
import { endpointSettings } from '../../options/network.ts'

function driverOptions(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.map(word => {
      const [key, value] = cut(word)
      if (!key || value === undefined) throw new ExitError(1, 'invalid key/value pair format in driver options')
      return [key, value] as const
    }),
  )
}

export const connect = command({
  usage: '[OPTIONS] NETWORK CONTAINER',
  summary: 'Let a container join a network',
  minArgs: 2,
  maxArgs: 2,
  complete: 'network',
  flags: {
    alias: { type: 'strings', help: 'Further name within the network' },
    'driver-opt': { type: 'strings', help: 'Option for the driver' },
    'gw-priority': { type: 'int', help: 'The network with the most gives the default gateway', since: '1.48' },
    ip: { type: 'string', help: 'IPv4 address (172.30.100.104)' },
    ip6: { type: 'string', help: 'IPv6 address (2001:db8::33)' },
    link: { type: 'list', help: 'Other container to know by name', check: link },
    'link-local-ip': { type: 'strings', help: 'Link-local address' },
  },
  run: ({ args, engine, flags }) => {
    const options = driverOptions(flags['driver-opt'])
    const settings = endpointSettings({
      aliases: flags.alias,
      links: flags.link,
      driverOpts: options,
      ip: flags.ip,
      ip6: flags.ip6,
      mac: '',
      linkLocal: flags['link-local-ip'],
      gwPriority: flags['gw-priority'],
    })
    const endpoint = { IPAMConfig: {}, ...settings, Aliases: flags.alias, DriverOpts: options }
    return engine.networks.connect(args[0]!, args[1]!, endpoint as unknown as EndpointSettings)
  },
})
