import type { ContainerInspectResponse, ContainerSummary } from '../../spec/engine-api/container.ts'
import type { EndpointSettings } from '../../spec/engine-api/network.ts'
import { atLeast } from '../versions.ts'

const predefined = ['bridge', 'host', 'none', 'default']

/** Until 1.45 the short id and the host's name stood among the aliases; then they moved to `DNSNames`. */
function withNames(endpoint: EndpointSettings, names: readonly string[]): EndpointSettings {
  return { ...endpoint, Aliases: [...new Set([...(endpoint.Aliases ?? []), ...names])] }
}

/** A container as clients of an older API know it. */
export function adaptInspect(container: ContainerInspectResponse, version: string): ContainerInspectResponse {
  const { NetworkSettings: settings, Id = '', Config: config } = container
  if (atLeast(version, '1.45') || !settings?.Networks) return container
  const names = [Id.slice(0, 12), config?.Hostname ?? ''].filter(Boolean)
  const Networks = Object.fromEntries(
    Object.entries(settings.Networks).map(([name, endpoint]) => [
      name,
      predefined.includes(name) || !endpoint ? endpoint : withNames(endpoint, names),
    ]),
  )
  return { ...container, NetworkSettings: { ...settings, Networks } }
}

/** A line of a list, without what came later. */
export function adaptSummary(summary: ContainerSummary, version: string): ContainerSummary {
  if (atLeast(version, '1.46') || !summary.HostConfig?.Annotations) return summary
  return { ...summary, HostConfig: { NetworkMode: summary.HostConfig.NetworkMode ?? '' } }
}
