import { EngineError, hasCode } from '../base/errors.ts'
import { addLink, deleteLink, type NewLink, setLink } from '../kernel/rtnetlink.ts'
import type { NetworkRecord } from './record.ts'
import type { NetworkState } from './state.ts'

type Options = NetworkRecord['options']

export const hasParent = ({ driver }: Pick<NetworkRecord, 'driver'>): boolean =>
  driver === 'macvlan' || driver === 'ipvlan'

/** The link below: the user's, or a dummy of the network's own that leads nowhere. */
export const parentName = ({ id, options }: Pick<NetworkRecord, 'id' | 'options'>): string =>
  options.parent || `dm-${id.slice(0, 12)}`

interface Vlan {
  readonly below: string
  readonly id: number
}

const refuse = (text: string) => new EngineError('internal', text)

/** Reads `eth0.10`. @throws EngineError with Docker's text */
export function parseVlan(name: string): Vlan {
  if (!name.includes('.')) throw refuse(`invalid subinterface vlan name ${name}, example formatting is eth0.10`)
  const [below = '', digits = '', ...more] = name.split('.')
  if (more.length)
    throw refuse(`required interface name format is: name.vlan_id, ex. eth0.10 for vlan 10, instead received ${name}`)
  if (!/^[+-]?\d+$/.test(digits))
    throw refuse(`unable to parse a valid vlan id from: ${digits} (ex. eth0.10 for vlan 10)`)
  const id = Number(digits)
  if (id < 1 || id > 4094) throw refuse(`vlan id must be between 1-4094, received: ${id}`)
  return { below, id }
}

/** Whether such a parent is there or can be made. @throws EngineError with Docker's text */
export function checkParent(state: NetworkState, driver: string, { parent }: Options): void {
  if (!parent) return
  if (parent === 'lo') throw refuse(`loopback interface is not a valid ${driver} parent link`)
  if (!state.links.link(parent)) parseVlan(parent)
}

/** The parent of the network is there when this returns; one that is missing is made: a VLAN, or a dummy. */
export function ensureParent(state: NetworkState, network: NetworkRecord): void {
  const name = parentName(network)
  if (state.links.link(name)) return
  const link = network.options.parent ? vlanLink(state, name) : ({ kind: 'dummy', name, up: true } as const)
  state.madeLinks.put(name, { networkId: network.id }, { durable: false })
  try {
    state.links.change([addLink(link)])
  } catch (cause) {
    state.madeLinks.delete(name, { durable: false })
    if (!hasCode(cause, 'ENOTSUP')) throw cause
    throw new EngineError(
      'internal',
      link.kind === 'vlan' ? `failed to create ${name} vlan link: operation not supported` : 'operation not supported',
      { cause },
    )
  }
  state.links.change([setLink(state.links.link(name)!.index, { up: true })])
}

function vlanLink(state: NetworkState, name: string): NewLink {
  const { below, id } = parseVlan(name)
  const parent = below ? state.links.link(below) : undefined
  if (!parent) throw refuse(`-o parent interface was not found on the host: ${below}`)
  return { kind: 'vlan', name, mode: id, parent: parent.index }
}

/** A parent of our own goes with the last network on it. */
export function removeParent(state: NetworkState, network: NetworkRecord): void {
  const name = parentName(network)
  if (!state.madeLinks.has(name)) return
  const heir = [...state.networks.values()].find(
    other => other.id !== network.id && hasParent(other) && parentName(other) === name,
  )
  if (heir) state.madeLinks.put(name, { networkId: heir.id }, { durable: false })
  else {
    state.links.change([deleteLink(name)])
    state.madeLinks.delete(name, { durable: false })
  }
}
