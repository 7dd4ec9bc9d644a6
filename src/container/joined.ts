import { EngineError, isEngineError, messageOf } from '../base/errors.ts'
import type { ContainerDeps } from './deps.ts'
import { type ContainerRecord, isAlive, joinedContainer } from './record.ts'

/** The process of a container that another one wants to share something with. @throws EngineError with Docker's text */
export const alivePid = (deps: ContainerDeps, id: string, what: 'network' | 'ipc' | 'pid'): number => {
  const other = deps.store.find(id)
  if (isAlive(other)) return other.state.pid
  const text =
    what === 'network'
      ? `cannot join network namespace of a non running container: container ${other.name} is ${other.state.status}`
      : `failed to join ${what.toUpperCase()} namespace: container ${other.id} is not running`
  throw new EngineError('conflict', text)
}

/** @throws EngineError `internal` when it shares its IPC namespace with nobody */
export function refusePrivateIpc({ id, hostConfig }: ContainerRecord): void {
  if (hostConfig.IpcMode !== 'private' && hostConfig.IpcMode !== 'none') return
  const hint = 'non-shareable IPC (hint: use IpcMode:shareable for the donor container)'
  throw new EngineError('internal', `failed to join IPC namespace: container ${id}: ${hint}`)
}

/** Who joins another's network has its host name too. */
export function withJoinedHostname(deps: ContainerDeps, record: ContainerRecord): ContainerRecord {
  const other = joinedContainer(record.hostConfig.NetworkMode)
  if (!other) return record
  if (isSame(deps, other, record.id)) throw new EngineError('invalid', 'cannot join own network namespace')
  joinedPid(deps, other) // says first what is wrong with it
  const { Hostname, Domainname } = deps.store.find(other).config
  return { ...record, config: { ...record.config, Hostname, Domainname } }
}

/** Its name may have been free when it was made. */
const isSame = ({ store }: ContainerDeps, key: string, id: string): boolean =>
  key === id || store.byName(key)?.id === id

/** The process of the container whose network is shared. @throws EngineError with Docker's text */
export function joinedPid(deps: ContainerDeps, id: string): number {
  try {
    return alivePid(deps, id, 'network')
  } catch (cause) {
    if (!isEngineError(cause, 'not-found')) throw cause
    throw new EngineError('not-found', `joining network namespace of container: ${messageOf(cause)}`, { cause })
  }
}
