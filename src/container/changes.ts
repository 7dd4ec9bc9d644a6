import type { FilesystemChange } from '../spec/engine-api/container.ts'
import type { ContainerDeps } from './deps.ts'
import { containerDir, upperDir } from './rootfs.ts'

/** What the container changed of its image; null when nothing. */
export async function changesOf(deps: ContainerDeps, key: string): Promise<readonly FilesystemChange[] | null> {
  const record = deps.store.find(key)
  const changes = await deps.snapshots.changes(record.chainId, upperDir(containerDir(deps, record.id)))
  return changes.length ? changes : null
}
