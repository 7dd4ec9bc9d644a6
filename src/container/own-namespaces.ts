import { closeSync } from 'node:fs'
import { openNetworkOf, openUserNamespace } from '../kernel/user-namespace.ts'
import type { ContainerDeps } from './deps.ts'
import { type ContainerRecord, isAlive, joinedContainer } from './record.ts'
import { remapOf } from './remap.ts'

/** The user namespace of a container that starts; disposing lets go of it, and the container keeps it. */
export interface OwnNamespaces extends Disposable {
  readonly userPath: string
  /** belongs to whoever takes it; undefined where the container joins another's network */
  readonly network: number | undefined
}

/** Whoever shares a namespace with another container shares its user namespace: to the kernel that one owns the others. */
export async function openOwnNamespaces(
  deps: ContainerDeps,
  { hostConfig: host }: ContainerRecord,
): Promise<OwnNamespaces | undefined> {
  const remap = remapOf(deps.settings, host)
  if (!remap) return undefined
  const key = [host.NetworkMode, host.IpcMode, host.PidMode].map(joinedContainer).find(Boolean)
  const other = key ? deps.store.get(key) : undefined
  if (!other || !isAlive(other)) return await openNew(remap)
  const userPath = `/proc/${other.state.pid}/ns/user`
  const network = joinedContainer(host.NetworkMode) ? undefined : await openNetworkOf(userPath)
  return { userPath, network, [Symbol.dispose]: () => {} }
}

async function openNew(remap: Parameters<typeof openUserNamespace>[0]): Promise<OwnNamespaces> {
  const { user, network } = await openUserNamespace(remap)
  return { userPath: `/proc/${process.pid}/fd/${user}`, network, [Symbol.dispose]: () => closeSync(user) }
}
