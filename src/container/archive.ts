import { join, normalize } from 'node:path'
import { basename } from 'node:path/posix'
import type { Readable } from 'node:stream'
import { EngineError, hasCode } from '../base/errors.ts'
import type { PathStat } from '../spec/engine-api/engine.ts'
import type { ContainerDeps } from './deps.ts'
import { emitFor } from './events.ts'
import { type ContainerRecord, isAlive } from './record.ts'
import { needsUserFiles, readUserFiles, rootHandle } from './rootfs.ts'
import { resolveUser } from './user.ts'

/** Absolute and clean, with the `/` or `/.` at the end that says: what the link leads to. */
function toPath(path: string): string {
  const clean = join('/', normalize(path)).replace(/(.)\/$/, '$1')
  if (/(^|\/)\.$/.test(path)) return clean === '/' ? '/.' : `${clean}/.`
  return path.endsWith('/') && clean !== '/' ? `${clean}/` : clean
}

function failure(error: unknown, key: string, path: string, call: string): Error {
  if (hasCode(error, 'ENOENT')) {
    return new EngineError('not-found', `Could not find the file ${path} in container ${key}`, { cause: error })
  }
  return hasCode(error, 'ENOTDIR') ? new EngineError('internal', `${call}not a directory`) : (error as Error)
}

async function statAt(deps: ContainerDeps, record: ContainerRecord, key: string, path: string): Promise<PathStat> {
  using held = rootHandle(deps, record)
  try {
    return await deps.files.stat(held.root, toPath(path))
  } catch (error) {
    throw failure(error, key, path, `lstat ${toPath(path)}: `)
  }
}

/** What `path` is in the container, a link at its end not followed. */
export const statInContainer = (deps: ContainerDeps, key: string, path: string): Promise<PathStat> =>
  statAt(deps, deps.store.find(key), key, path)

/** `docker cp` out of a container, running or not. */
export async function getArchive(
  deps: ContainerDeps,
  key: string,
  path: string,
): Promise<{ readonly stat: PathStat; readonly tar: Readable }> {
  const record = deps.store.find(key)
  const stat = await statAt(deps, record, key, path)
  const held = rootHandle(deps, record)
  const tar = deps.files.tar(held.root, toPath(path), basename(toPath(path)) || '/')
  tar.once('close', () => held[Symbol.dispose]())
  emitFor(deps, record, 'archive-path')
  return { stat, tar }
}

/** `docker cp` into a directory of a container, running or not. */
export async function putArchive(
  deps: ContainerDeps,
  key: string,
  path: string,
  tar: Readable,
  options: { readonly noOverwriteDirNonDir: boolean; readonly copyUidGid: boolean },
): Promise<void> {
  const { id } = deps.store.find(key)
  // one that does not run must not start meanwhile: its files would be mounted twice
  using _lock = isAlive(deps.store.find(id)) ? undefined : await deps.locks.acquire(id)
  const record = deps.store.find(id)
  using held = rootHandle(deps, record)
  try {
    const target = await deps.files.resolve(held.root, toPath(path))
    refuseReadOnly(record, target)
    const owner = options.copyUidGid ? ownerFor(deps, record) : undefined
    await deps.files.extract(held.root, target, tar, { noOverwriteDirNonDir: options.noOverwriteDirNonDir, owner })
  } catch (error) {
    throw failure(error, key, path, '')
  }
  emitFor(deps, record, 'extract-to-dir')
}

/** With `docker cp -a` files get the user that the container runs as; none named leaves them alone. */
function ownerFor(deps: ContainerDeps, record: ContainerRecord) {
  if (!record.config.User) return undefined
  const files = needsUserFiles(record) ? readUserFiles(deps, record) : { passwd: '', group: '' }
  const { uid, gid } = resolveUser(record.config.User, files)
  return { uid, gid }
}

function refuseReadOnly(record: ContainerRecord, target: string): void {
  const mount = record.mounts
    .filter(({ Destination }) => target === Destination || target.startsWith(`${Destination}/`))
    .toSorted((a, b) => b.Destination!.length - a.Destination!.length)[0]
  if (mount && !mount.RW) throw new EngineError('invalid', 'mounted volume is marked read-only')
  if (!mount && record.hostConfig.ReadonlyRootfs) {
    throw new EngineError('invalid', 'container rootfs is marked read-only')
  }
}
