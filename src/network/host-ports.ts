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
  /** @throws EngineError with Docker's text when none of the wish is free */
  reserve(wish: PortWish): PublishedPort[]
  release(ports: readonly PublishedPort[]): void
}

const anywhere = (ip: string): boolean => ip === '0.0.0.0' || ip === '::'
const keyOf = ({ protocol, hostIp, hostPort }: PublishedPort): string => `${protocol}/${hostIp}/${hostPort}`
const show = (ip: string, port: number): string => (isIPv6(ip) ? `[${ip}]:${port}` : `${ip}:${port}`)

function ephemeralRange(): [number, number] {
  try {
    const [first, last] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').trim().split(/\s+/).map(Number)
    return [first!, last!]
  } catch {
    return [49153, 65535]
  }
}

export function openHostPorts(): HostPorts {
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
    const { protocol, hostIp, hostPort } = port
    if (isAllocated(port))
      throw new EngineError('internal', `Bind for ${show(hostIp, hostPort)} failed: port is already allocated`)
    try {
      held.set(keyOf(port), { port, fd: bindSocket(protocol, hostIp, hostPort) })
    } catch (error) {
      if (!hasCode(error, 'EPROTONOSUPPORT')) {
        const reason = hasCode(error, 'EADDRINUSE') ? 'address already in use' : reasonOf(error)
        throw new EngineError('internal', `failed to bind host port ${show(hostIp, hostPort)}/${protocol}: ${reason}`)
      }
      held.set(keyOf(port), { port, fd: undefined }) // no sockets of SCTP here: forwarding works all the same
    }
  }

  const release = (ports: readonly PublishedPort[]): void => {
    for (const port of ports) {
      const entry = held.get(keyOf(port))
      if (entry?.fd !== undefined) closeSync(entry.fd)
      held.delete(keyOf(port))
    }
  }

  const holdAll = (wish: PortWish, hostPort: number): PublishedPort[] => {
    const done: PublishedPort[] = []
    try {
      for (const { hostIp, address } of wish.targets) {
        const port = { protocol: wish.protocol, containerPort: wish.containerPort, hostIp, hostPort, address }
        hold(port)
        done.push(port)
      }
      return done
    } catch (error) {
      release(done)
      throw error
    }
  }

  return {
    release,
    reserve(wish) {
      const isEphemeral = wish.first === 0
      const [first, last] = isEphemeral ? ephemeralRange() : [wish.first, wish.last]
      const start = isEphemeral && lastEphemeral >= first && lastEphemeral < last ? lastEphemeral + 1 : first
      let failure: unknown
      for (let i = 0, port = start; i <= last - first; i++, port = port >= last ? first : port + 1) {
        try {
          const ports = holdAll(wish, port)
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

const reasonOf = (error: unknown): string =>
  hasCode(error, 'EADDRNOTAVAIL') ? 'cannot assign requested address' : messageOf(error)
