import { ExitError } from '../errors.ts'

interface Published {
  readonly exposed: Readonly<Record<string, object>>
  readonly bindings: Readonly<Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[]>>
}

const span = (text: string, whole: string): [number, number] => {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text)
  if (!match) throw new ExitError(125, `invalid containerPort: ${whole}`)
  return [Number(match[1]), Number(match[2] ?? match[1])]
}

/** `-p [ip:][host:]container[/proto]` and `--expose`, ranges included. */
export function parsePublish(publish: readonly string[], expose: readonly string[]): Published {
  const exposed: Record<string, object> = {}
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {}
  for (const text of publish) {
    const [ports = '', protocol = 'tcp'] = text.split('/')
    const match = /^(?:(?:\[([^\]]+)\]|([^:[\]]*)):)?(?:([\d-]*):)?([\d-]+)$/.exec(ports)
    if (!match) throw new ExitError(125, `invalid containerPort: ${text}`)
    const isHostPort = match[3] === undefined && match[2] !== undefined && /^[\d-]*$/.test(match[2])
    const ip = isHostPort ? '' : (match[1] ?? match[2] ?? '')
    const host = isHostPort ? match[2]! : (match[3] ?? '')
    const [first, last] = span(match[4]!, text)
    const [hostFirst, hostLast] = host ? span(host, text) : [0, 0]
    if (host && hostLast - hostFirst !== last - first && last !== first)
      throw new ExitError(125, `invalid ranges specified for container and host Ports: ${match[4]} and ${host}`)
    for (let port = first; port <= last; port++) {
      const key = `${port}/${protocol}`
      const hostPort = !host ? '' : last === first && hostLast !== hostFirst ? host : String(hostFirst + port - first)
      exposed[key] = {}
      bindings[key] = [...(bindings[key] ?? []), { HostIp: ip, HostPort: hostPort }]
    }
  }
  for (const text of expose) {
    const [ports = '', protocol = 'tcp'] = text.split('/')
    const [first, last] = span(ports, text)
    for (let port = first; port <= last; port++) exposed[`${port}/${protocol}`] = {}
  }
  return { exposed, bindings }
}
