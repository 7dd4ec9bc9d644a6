import { command } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import { alignTabs } from '../../format/tabwriter.ts'

export const top = command({
  usage: 'CONTAINER [ps OPTIONS]',
  summary: 'Show the processes of a container',
  aliases: ['container top', 'top'],
  minArgs: 1,
  stopAtFirst: true,
  complete: 'container',
  flags: {},
  async run({ args: [id = '', ...options], engine, out }) {
    const { Processes, Titles } = await engine.containers.top(id, options.join(' '))
    out.write(alignTabs([Titles ?? [], ...(Processes ?? [])].map(row => `${row.join('\t')}\n`).join('')))
  },
})

export const diff = command({
  usage: 'CONTAINER',
  summary: 'Show which files of a container changed',
  aliases: ['container diff', 'diff'],
  minArgs: 1,
  maxArgs: 1,
  complete: 'container',
  flags: {},
  async run({ args, engine, out }) {
    for (const { Kind, Path } of (await engine.containers.changes(args[0]!)) ?? [])
      out.line(`${'CAD'[Kind ?? 0]} ${Path}`)
  },
})

export const port = command({
  usage: 'CONTAINER [PRIVATE_PORT[/PROTO]]',
  summary: 'Show where ports of a container are published',
  aliases: ['container port', 'port'],
  minArgs: 1,
  maxArgs: 2,
  complete: 'container',
  flags: {},
  async run({ args: [id = '', wanted], engine, out }) {
    const ports = Object.entries((await engine.containers.inspect(id)).NetworkSettings?.Ports ?? {})
    const host = ({ HostIp = '', HostPort = '' }) => `${HostIp.includes(':') ? `[${HostIp}]` : HostIp}:${HostPort}`
    const key = wanted?.includes('/') ? wanted : `${wanted}/tcp`
    const shown = wanted ? ports.filter(([name]) => name === key) : ports
    const lines = shown.flatMap(([name, bindings]) =>
      (bindings ?? []).map(item => (wanted ? host(item) : `${name} -> ${host(item)}`)),
    )
    if (wanted && lines.length === 0) throw new ExitError(1, `Error: No public port '${key}' published for ${id}`)
    for (const line of lines.sort()) out.line(line)
  },
})
