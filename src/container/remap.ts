import { chmodSync, chownSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError } from '../base/errors.ts'
import type { HostConfig } from '../spec/engine-api/container.ts'
import type { IdRange, IdRanges } from '../spec/id-ranges.ts'
import type { Mount } from '../spec/mount.ts'
import type { IdMapping } from '../spec/oci-runtime.ts'
import type { ContainerDeps, ContainerSettings, Remap } from './deps.ts'

type Settings = Pick<ContainerSettings, 'remap' | 'root'>

/** Whose ids a container has, unless they are the host's. */
export const remapOf = ({ remap }: Settings, { UsernsMode }: HostConfig): Remap | undefined =>
  UsernsMode === 'host' ? undefined : remap

/** folders of the engine with files of containers, which on the disk have the owners that images give them */
const folders = ['snapshots', 'containers', 'build']

/** Root of containers. */
export const rootOf = ({ uids, gids }: IdRanges) => ({ uid: uids[0]!.outside, gid: gids[0]!.outside })

/** `mount` as a container sees it: with the owners of its user namespace. */
export function shifted({ settings }: Pick<ContainerDeps, 'settings'>, host: HostConfig, mount: Mount): Mount {
  const remap = remapOf(settings, host)
  if (!remap) return mount
  const directories = folders.map(folder => join(settings.root, folder))
  return { ...mount, shift: { namespace: remap.namespace, directories, root: rootOf(remap) } }
}

/** Whoever is root in containers may go through the directory `path`, and nobody else who is not root here. */
export function letRootPass(path: string, { gids }: Remap): void {
  chownSync(path, 0, gids[0]!.outside)
  chmodSync(path, 0o710)
}

const toMapping = ({ inside, outside, count }: IdRange): IdMapping => ({
  containerID: inside,
  hostID: outside,
  size: count,
})

export const mappingsOf = ({ uids, gids }: Remap) => ({
  uidMappings: uids.map(toMapping),
  gidMappings: gids.map(toMapping),
})

/** @throws EngineError `invalid` with Docker's text for what a user namespace cannot do */
export function checkRemap(settings: Settings, host: HostConfig): void {
  if (!remapOf(settings, host)) return
  if (host.Privileged)
    throw new EngineError(
      'invalid',
      'privileged mode is incompatible with user namespaces.  You must run the container in the host namespace when running privileged mode',
    )
  if (host.NetworkMode === 'host')
    throw new EngineError('invalid', "cannot share the host's network namespace when user namespaces are enabled")
  if (host.PidMode === 'host')
    throw new EngineError('invalid', 'cannot share the host PID namespace when user namespaces are enabled')
}
