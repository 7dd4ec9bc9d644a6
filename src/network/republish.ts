import { isIPv6 } from 'node:net'
import { setBridgePort } from '../kernel/rtnetlink.ts'
import type { PortMap } from '../spec/engine-api/network.ts'
import { keyOf } from './host-ports.ts'
import { reservePorts, toPortMap } from './publish.ts'
import type { PublishedPort, SandboxRecord } from './record.ts'
import type { NetworkState } from './state.ts'

/** Whether a listener of the supervisor takes part: for IPv6 from the host itself, or for a container without it. */
export const isProxied = ({ hostIp, protocol, hostPort }: PublishedPort): boolean =>
  isIPv6(hostIp) && protocol !== 'sctp' && hostPort !== 0

const same = (a: PublishedPort, b: PublishedPort): boolean =>
  keyOf(a) === keyOf(b) && a.address === b.address && a.containerPort === b.containerPort

/**
 * Opens and closes ports of a running container until they are what `sandbox` wishes on its endpoints, and keeps that.
 * What stays is not touched: its connections live on, and so do those of a port that is closed.
 */
export async function republish(state: NetworkState, sandbox: SandboxRecord): Promise<SandboxRecord> {
  const before = sandbox.ports
  const after = reservePorts(state, sandbox.name, sandbox.wishes, sandbox.endpoints, before)
  const kept = new Set(after.map(keyOf))
  const opened = after.filter(port => !before.some(old => same(old, port)))
  const closed = before.filter(port => !after.some(now => same(port, now)))
  const next = { ...sandbox, ports: after }
  try {
    if (opened.length + closed.length > 0)
      await state.proxies.set(sandbox.containerId, state.canProxy() ? after.filter(isProxied) : [])
  } catch (error) {
    const held = new Set(before.map(keyOf))
    state.hostPorts.release(after.filter(port => !held.has(keyOf(port))))
    throw error
  }
  state.firewall.replace(closed, opened)
  state.hostPorts.release(closed.filter(port => !kept.has(keyOf(port))))
  state.sandboxes.put(sandbox.containerId, next, { durable: false })
  if (opened.length + closed.length > 0) state.containers.savePorts(sandbox.containerId, toPortMap([], after))
  return next
}

/** Gives a running container these bindings in place of those it has. */
export async function changePorts(state: NetworkState, containerId: string, portBindings: PortMap): Promise<PortMap> {
  using _lock = await state.locks.acquire(containerId)
  const sandbox = state.sandboxes.get(containerId)
  if (!sandbox) return {}
  const hairpins = sandbox.endpoints.flatMap(({ veth }) => (veth ? [setBridgePort(veth, { hairpin: true })] : []))
  const next = await republish(state, { ...sandbox, wishes: { ...sandbox.wishes, portBindings } })
  state.links.change(hairpins)
  return toPortMap(sandbox.wishes.exposedPorts, next.ports)
}
