import type { Port } from '../spec/engine-api/network.ts'
import { type ContainerRecord, isAlive } from './record.ts'

/** What a running container exposes, and where that is published. */
export function portsOf(record: ContainerRecord): readonly Port[] {
  if (!isAlive(record)) return []
  const all = {
    ...Object.fromEntries(Object.keys(record.config.ExposedPorts ?? {}).map(port => [port, null])),
    ...record.ports,
  }
  return Object.entries(all).flatMap(([key, bindings]) => {
    const [port, type = 'tcp'] = key.split('/')
    const common = { PrivatePort: Number(port), Type: type as 'tcp' }
    if (!bindings?.length) return [common]
    return bindings.map(({ HostIp, HostPort }) => ({
      IP: HostIp,
      PrivatePort: Number(port),
      PublicPort: Number(HostPort),
      Type: type as 'tcp',
    }))
  })
}
