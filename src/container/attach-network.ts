import { join } from 'node:path'
import { EngineError, messageOf } from '../base/errors.ts'
import type { Sandbox } from '../network/networks.ts'
import type { ContainerDeps } from './deps.ts'
import { joinedPid } from './joined.ts'
import { linkTargets } from './links.ts'
import { type ContainerRecord, joinedContainer } from './record.ts'
import { containerDir } from './rootfs.ts'

/** What a container has of networks. */
export interface Net {
  /** undefined: the host's */
  readonly path: string | undefined
  readonly sandbox?: Sandbox
  readonly hosts?: string
  readonly resolvConf?: string
}

/** Connects it as its record says; undo it by `networks.detach`. */
export async function attachNetwork(
  deps: ContainerDeps,
  record: ContainerRecord,
  namespace: number | undefined,
): Promise<Net> {
  const { hostConfig: host, config } = record
  const other = joinedContainer(host.NetworkMode)
  if (other && config.Labels?.['berth.egress'] !== undefined)
    throw new EngineError(
      'invalid',
      'label berth.egress has no effect in the network of another container: set it there',
    )
  if (other) return { path: `/proc/${joinedPid(deps, other)}/ns/net` }
  const links = linkTargets(deps, record)
  try {
    const sandbox = await deps.networks.attach({
      containerId: record.id,
      name: record.name,
      hostname: config.Hostname ?? '',
      domainname: config.Domainname ?? '',
      endpoints: record.endpoints,
      exposedPorts: Object.keys(config.ExposedPorts ?? {}),
      portBindings: host.PortBindings ?? {},
      publishAllPorts: host.PublishAllPorts ?? false,
      dns: host.Dns ?? [],
      dnsSearch: host.DnsSearch ?? [],
      dnsOptions: host.DnsOptions ?? [],
      extraHosts: host.ExtraHosts ?? [],
      sysctls: host.Sysctls ?? {},
      egress: { list: config.Labels?.['berth.egress'], log: join(containerDir(deps, record.id), 'egress.log') },
      links,
      namespace,
    })
    const isHost = host.NetworkMode === 'host'
    return {
      path: isHost ? undefined : sandbox.namespacePath,
      sandbox,
      hosts: sandbox.hosts,
      resolvConf: sandbox.resolvConf,
    }
  } catch (error) {
    const kind = error instanceof EngineError ? error.kind : 'internal'
    throw new EngineError(kind, `failed to set up container networking: ${messageOf(error)}`, { cause: error })
  }
}
