import { join } from 'node:path'
import { EngineError } from '../base/errors.ts'
import { parseMemorySize } from '../base/size.ts'
import { joinProject } from '../kernel/project-quota.ts'
import type { HostConfig } from '../spec/engine-api/container.ts'
import type { ContainerDeps } from './deps.ts'
import { containerDir, upperDir } from './rootfs.ts'

type QuotaDeps = Pick<ContainerDeps, 'quota' | 'settings'>

/** Others that share the file system, Docker among them, count from 1. */
const firstProject = 1 << 20

function parseSize(text: string): number {
  const bytes = parseMemorySize(text)
  if (bytes === undefined) throw new EngineError('internal', `invalid size: '${text}'`)
  return bytes
}

/**
 * Bytes that a container may write; 0 is no limit.
 *
 * @throws EngineError with Docker's text for options that nobody knows, and where the file system cannot do it
 */
export function sizeLimitOf({ quota, settings }: QuotaDeps, { StorageOpt }: HostConfig): number {
  let bytes = settings.defaultSizeBytes
  for (const [key, value] of Object.entries(StorageOpt ?? {})) {
    if (key.toLowerCase() !== 'size') throw new EngineError('internal', `Unknown option ${key}`)
    if (!quota)
      throw new EngineError(
        'internal',
        "--storage-opt is supported only for overlay over xfs with 'pquota' mount option",
      )
    bytes = parseSize(value)
  }
  return bytes
}

/** What one container writes: its files, and those that overlay is about to move among them. */
const writtenDirs = (dir: string): readonly string[] => [upperDir(dir), join(dir, 'work')]

/**
 * Limits what the container writes into its fresh directories. The number of its project stands on them and nowhere
 * else; a number that has files or a limit is somebody's, so none is given twice, whatever a crash left.
 */
export function limitSize({ quota, settings }: QuotaDeps, id: string, bytes: number): void {
  if (!quota || bytes === 0) return
  let project = firstProject
  while (!quota.isFree(project)) project++
  for (const dir of writtenDirs(containerDir({ settings }, id))) joinProject(dir, project)
  quota.limit(project, bytes)
}
