import {
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { Readable } from 'node:stream'
import { syncDir } from '../base/atomic-file.ts'
import type { Cancellable } from '../base/cancellable.ts'
import { EngineError } from '../base/errors.ts'
import { isMountedOnUse } from './local-options.ts'
import { noSuchVolume, type VolumeStore } from './store.ts'

interface Root {
  readonly fd: number
}

/** Archives of directories whose content may be hostile: no link in them or in an archive leads out. */
export interface TreeFiles {
  tar(root: Root, path: string, name: string): Readable
  extract(root: Root, path: string, archive: Readable, rules: object, options?: Cancellable): Promise<void>
  syncAll(path: string): Promise<void>
}

/** The files of a volume, with owner and mode of its directory, as one archive. */
export async function exportVolume(store: VolumeStore, files: TreeFiles, name: string): Promise<Readable> {
  if (!store.records.has(name) && !(await store.find(name))) throw noSuchVolume(name)
  const user = `export-${process.hrtime.bigint()}`
  const fd = openSync(await store.mount(name, user), 'r')
  const tar = files.tar({ fd }, '/', '.')
  tar.once('close', () => {
    closeSync(fd)
    void store.unmount(name, user).catch(() => {})
  })
  return tar
}

/**
 * Fills a volume, made where it is missing, from an archive of whatever compression. A volume that holds something is
 * refused, or with `replace` loses it. Local files are the old ones or the archive's, never a mixture.
 */
export async function importVolume(
  store: VolumeStore,
  files: TreeFiles,
  name: string,
  archive: Readable,
  { replace, signal }: { readonly replace: boolean } & Cancellable,
): Promise<void> {
  await using undo = new AsyncDisposableStack()
  if (!store.records.has(name)) {
    using _lock = await store.lock(name)
    await store.add(name, { name }, { unfinished: true })
    undo.defer(() => store.remove(name, true))
  }
  const isPlain = !store.records.get(name)!.driver && !isMountedOnUse(store.records.get(name)!.options)
  if (replace && isPlain && store.isMounted(name))
    throw new EngineError('conflict', `import ${name}: a running container uses the volume`)
  const user = `import-${process.hrtime.bigint()}`
  const path = await store.mount(name, user)
  try {
    if (!replace && readdirSync(path).length > 0)
      throw new EngineError('conflict', `import ${name}: the volume holds files already`)
    if (isPlain) await replaceFiles(files, path, archive, signal)
    else await extract(files, path, archive, signal)
  } finally {
    await store.unmount(name, user)
  }
  store.finish(name)
  undo.move()
}

async function extract(
  files: TreeFiles,
  path: string,
  archive: Readable,
  signal: AbortSignal | undefined,
): Promise<void> {
  const fd = openSync(path, 'r')
  try {
    await files.extract({ fd }, '/', archive, { noOverwriteDirNonDir: false, owner: undefined }, { signal })
    await files.syncAll(path)
  } finally {
    closeSync(fd)
  }
}

async function replaceFiles(
  files: TreeFiles,
  path: string,
  archive: Readable,
  signal: AbortSignal | undefined,
): Promise<void> {
  const [filling, old] = [`${path}.filling`, `${path}.old`]
  for (const place of [filling, old]) rmSync(place, { recursive: true, force: true })
  mkdirLike(path, filling)
  try {
    await extract(files, filling, archive, signal)
    renameSync(path, old)
    renameSync(filling, path)
    syncDir(dirname(path))
  } finally {
    for (const place of [filling, old]) rmSync(place, { recursive: true, force: true })
  }
}

function mkdirLike(like: string, path: string): void {
  const { mode, uid, gid } = statSync(like)
  mkdirSync(path)
  chownSync(path, uid, gid)
  chmodSync(path, mode & 0o7777)
}
