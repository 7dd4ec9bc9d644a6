import { isIP } from 'node:net'
import { ExitError } from '../errors.ts'
import { cut } from './csv.ts'

interface Published {
  readonly exposed: Readonly<Record<string, object>>
  readonly bindings: Readonly<Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[]>>
}

const refuse = (text: string) => new ExitError(125, text)

function range(text: string): readonly [number, number] | undefined {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text)
  if (!match) return undefined
  const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])]
  return last >= first && last <= 65535 ? [first, last] : undefined
}

/** `published=80,target=8080,protocol=tcp` in the short form; other keys do not count. */
function shortForm(text: string): string {
  if (!text.includes('=')) return text
  const port: Record<string, string> = { published: '', target: '', protocol: 'tcp' }
  for (const field of text.split(',')) {
    const [key, value] = cut(field)
    if (value === undefined) throw refuse(`invalid publish opts format (should be name=value but got '${field}')`)
    port[key] = value
  }
  return `${port.published}:${port.target}/${port.protocol}`
}

function splitPort(text: string): { readonly ip: string; readonly host: string; readonly inside: string } {
  const parts = text.split(':')
  const inside = parts.pop() ?? ''
  if (parts.length === 0) return { ip: '', host: '', inside }
  const host = parts.pop() ?? ''
  return { ip: parts.join(':').replace(/^\[(.*)\]$/, '$1'), host, inside }
}

function addPort(
  text: string,
  exposed: Record<string, object>,
  bindings: Record<string, { HostIp: string; HostPort: string }[]>,
): void {
  const [ports, rawProtocol] = cut(text, '/')
  const protocol = (rawProtocol || 'tcp').toLowerCase()
  const { host, inside, ip } = splitPort(ports)
  if (ip && !isIP(ip)) throw refuse(`Invalid ip address: ${ip}`)
  if (!inside) throw refuse(`No port specified: ${text}<empty>`)
  const container = range(inside)
  if (!container) throw refuse(`Invalid containerPort: ${inside}`)
  const outside = host ? range(host) : ([0, 0] as const)
  if (!outside) throw refuse(`Invalid hostPort: ${host}`)
  const [first, last] = container
  const [hostFirst, hostLast] = outside
  // a single port inside may take any free one of a range outside
  if (host && last - first !== hostLast - hostFirst && first !== last)
    throw refuse(`Invalid ranges specified for container and host Ports: ${inside} and ${host}`)
  if (!['tcp', 'udp', 'sctp'].includes(protocol)) throw refuse(`Invalid proto: ${protocol}`)
  for (let port = first; port <= last; port++) {
    const key = `${port}/${protocol}`
    const HostPort = !host ? '' : first === last && hostFirst !== hostLast ? host : String(hostFirst + port - first)
    exposed[key] = {}
    bindings[key] = [...(bindings[key] ?? []), { HostIp: ip, HostPort }]
  }
}

/** `-p [ip:][host:]container[/proto]` and `--expose`, ranges included. */
export function parsePublish(publish: readonly string[], expose: readonly string[]): Published {
  const exposed: Record<string, object> = {}
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {}
  for (const text of publish) addPort(shortForm(text), exposed, bindings)
  for (const text of expose) {
    if (text.includes(':')) throw refuse(`invalid port format for --expose: ${text}`)
    const [ports, protocol] = cut(text, '/')
    const found = range(ports)
    if (!found)
      throw refuse(
        `invalid range format for --expose: ${text}, error: ${ports ? `strconv.ParseUint: parsing ${JSON.stringify(ports)}: invalid syntax` : 'empty string specified for ports'}`,
      )
    for (let port = found[0]; port <= found[1]; port++) exposed[`${port}/${(protocol || 'tcp').toLowerCase()}`] ??= {}
  }
  return { exposed, bindings }
}
