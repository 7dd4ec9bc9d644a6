import { isIPv4 } from 'node:net'
import type { NftElement } from '../kernel/nftables.ts'
import { elementsOfLink } from './firewall-elements.ts'
import { replaceLinesOfHosts } from './live-files.ts'
import { bridgeFlag, type LinkTarget, type SandboxRecord } from './record.ts'
import type { NetworkState } from './state.ts'

/** What links open on networks whose containers must not talk to each other. */
export function linkElements(state: Pick<NetworkState, 'networks'>, { endpoints, links }: SandboxRecord): NftElement[] {
  const closed = endpoints.filter(({ networkId }) => {
    const network = state.networks.get(networkId)
    return network?.name === 'bridge' && !bridgeFlag(network, 'enable_icc', true)
  })
  return closed.flatMap(({ settings }) =>
    (links ?? [])
      .filter(({ address }) => isIPv4(address) && settings.IPAddress)
      .flatMap(({ address, ports }) => ports.map(port => elementsOfLink(settings.IPAddress!, address, port))),
  )
}

export async function updateLinks(state: NetworkState, id: string, links: readonly LinkTarget[]): Promise<void> {
  using _lock = await state.locks.acquire(id)
  const sandbox = state.sandboxes.get(id)
  if (!sandbox) return
  const next = { ...sandbox, links }
  state.firewall.change(linkElements(state, next), linkElements(state, sandbox))
  state.sandboxes.put(id, next, { durable: false })
  replaceLinesOfHosts(state, state.containers.find(id), toLines(sandbox.links ?? []), toLines(links))
}

const toLines = (links: readonly LinkTarget[]): string[] =>
  links.map(({ address, names }) => `${address}\t${names.join(' ')}\n`)
