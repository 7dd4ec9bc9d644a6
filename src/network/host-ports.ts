import { closeSync, readFileSync } from 'node:fs'
import { isIPv6 } from 'node:net'
import { EngineError, hasCode, messageOf } from '../base/errors.ts'
import { bindSocket, type Protocol } from '../kernel/socket.ts'
import type { PublishedPort } from './record.ts'

/** Wish for one host port; from 0 to 0 is any free one. */
export interface PortWish {
  readonly protocol: Protocol
  readonly containerPort: number
  readonly first: number
  readonly last: number
  /** host address → address of the container, one per family */
  readonly targets: readonly { readonly hostIp: string; readonly address: string }[]
}

/** Host ports in use by containers. Each is held by a bound socket, so that nothing else takes it. */
export interface HostPorts {
  /**
   * @param own what the same container holds: it may keep that
   * @throws EngineError with Docker's text when none of the wish is free
   */
  reserve(wish: PortWish, own?: readonly PublishedPort[]): PublishedPort[]
  release(ports: readonly PublishedPort[]): void
  /** Takes up what a container held before the engine died. */
  adopt(port: PublishedPort): void
}

const anywhere = (ip: string): boolean => ip === '0.0.0.0' || ip === '::'
export const keyOf = ({ protocol, hostIp, hostPort }: PublishedPort): string => `${protocol}/${hostIp}/${hostPort}`
const show = (ip: string, port: number): string => (isIPv6(ip) ? `[${ip}]:${port}` : `${ip}:${port}`)

function ephemeralRange(): [number, number] {
  try {
    const [first, last] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').trim().split(/\s+/).map(Number)
    return [first!, last!]
  } catch {
    return [49153, 65535]
  }
}

function tryBind({ protocol, hostIp, hostPort, address, containerPort }: PublishedPort): number | undefined {
  try {
    return bindSocket(protocol, hostIp, hostPort)
  } catch (error) {
    if (hasCode(error, 'EPROTONOSUPPORT')) return undefined // no sockets of SCTP here: forwarding works all the same
    const what = `${show(hostIp, hostPort)}:${show(address, containerPort)}/${protocol}`
    throw new EngineError('internal', `failed to bind host port for ${what}: ${reasonOf(error)}`)
  }
}

/** @param isProxied whether a listener elsewhere holds that port; then it is only tried here */
export function openHostPorts(isProxied: (port: PublishedPort) => boolean): HostPorts {
  const held = new Map<string, { readonly port: PublishedPort; readonly fd: number | undefined }>()
  let lastEphemeral = 0

  const isAllocated = (wanted: PublishedPort): boolean => {
    for (const { port } of held.values()) {
      if (port.protocol !== wanted.protocol || port.hostPort !== wanted.hostPort) continue
      if (isIPv6(port.hostIp) !== isIPv6(wanted.hostIp)) continue
      if (port.hostIp === wanted.hostIp || anywhere(port.hostIp) || anywhere(wanted.hostIp)) return true
    }
    return false
  }

  const hold = (port: PublishedPort): void => {
    if (isAllocated(port))
      throw new EngineError(
        'internal',
        `Bind for ${show(port.hostIp, port.hostPort)} failed: port is already allocated`,
      )
    const fd = tryBind(port)
    if (fd !== undefined && isProxied(port)) closeSync(fd)
    held.set(keyOf(port), { port, fd: isProxied(port) ? undefined : fd })
  }

  const release = (ports: readonly PublishedPort[]): void => {
    for (const port of ports) {
      const entry = held.get(keyOf(port))
      if (entry?.fd !== undefined) closeSync(entry.fd)
      held.delete(keyOf(port))
    }
  }

  const holdAll = (wish: PortWish, hostPort: number, own: ReadonlySet<string>): PublishedPort[] => {
    const done: PublishedPort[] = []
    const fresh: PublishedPort[] = []
    try {
      for (const { hostIp, address } of wish.targets) {
        const port = { protocol: wish.protocol, containerPort: wish.containerPort, hostIp, hostPort, address }
        done.push(port)
        if (own.has(keyOf(port))) continue
        hold(port)
        fresh.push(port)
      }
      return done
    } catch (error) {
      release(fresh)
      throw error
    }
  }

  return {
    release,
    adopt(port) {
      const fd = isProxied(port) || port.hostPort === 0 ? undefined : tryBind(port)
      held.set(keyOf(port), { port, fd })
    },
    reserve(wish, own = []) {
      const isEphemeral = wish.first === 0
      const [first, last] = isEphemeral ? ephemeralRange() : [wish.first, wish.last]
      const start = isEphemeral && lastEphemeral >= first && lastEphemeral < last ? lastEphemeral + 1 : first
      const ownKeys = new Set(own.map(keyOf))
      let failure: unknown
      for (let i = 0, port = start; i <= last - first; i++, port = port >= last ? first : port + 1) {
        try {
          const ports = holdAll(wish, port, ownKeys)
          if (isEphemeral) lastEphemeral = port
          return ports
        } catch (error) {
          failure = error
        }
      }
      throw failure
    },
  }
}

function reasonOf(error: unknown): string {
  if (hasCode(error, 'EADDRINUSE')) return 'address already in use'
  return hasCode(error, 'EADDRNOTAVAIL') ? 'cannot assign requested address' : messageOf(error)
}
