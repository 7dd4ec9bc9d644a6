import { command } from '../../command.ts'
import { ExitError } from '../../errors.ts'

const hostOf = ({ HostIp = '', HostPort = '' }): string =>
  `${HostIp.includes(':') ? `[${HostIp}]` : HostIp}:${HostPort}`

/** Ports by number and protocol, not by letters. */
function byPort(a: string, b: string): number {
  const [left, right] = [a, b].map(line => /^(\d+)\/(\w+)/.exec(line))
  const difference = Number(left?.[1] ?? 0) - Number(right?.[1] ?? 0)
  return difference || (a < b ? -1 : a > b ? 1 : 0)
}

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
    const [number = '', protocol = 'tcp'] = wanted?.split('/') ?? []
    if (wanted && !/^\d+(-\d+)?$/.test(number))
      throw new ExitError(
        1,
        `Error: invalid port (${number}): strconv.ParseUint: parsing ${JSON.stringify(number)}: invalid syntax`,
      )
    const key = `${number}/${protocol.toLowerCase()}`
    const shown = wanted ? ports.filter(([name]) => name === key) : ports
    const lines = shown.flatMap(([name, bindings]) =>
      (bindings ?? []).map(item => (wanted ? hostOf(item) : `${name} -> ${hostOf(item)}`)),
    )
    if (wanted && shown.every(([, bindings]) => bindings === null))
      throw new ExitError(1, `Error: No public port '${key}' published for ${id}`)
    for (const line of lines.sort(byPort)) out.line(line)
  },
})
