import { closeSync, openSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { Cancellable } from '../base/cancellable.ts'
import { EngineError } from '../base/errors.ts'
import type { BuildDeps } from './deps.ts'

const noSuchCache = (id: string) => new EngineError('not-found', `no such cache mount: ${id}`)

/** The files of a cache mount as an archive; no build has it meanwhile that asked for it alone. */
export async function exportCacheMount({ caches, files }: BuildDeps, id: string): Promise<Readable> {
  if (!caches.list().some(cache => cache.id === id)) throw noSuchCache(id)
  const directory = await caches.take(id, 'locked', {})
  const fd = openSync(directory.path, 'r')
  const tar = files.tar({ fd }, '/', '.')
  tar.once('close', () => {
    closeSync(fd)
    directory[Symbol.dispose]()
  })
  return tar
}

/** Fills a cache mount anew from an archive: its files are the old ones or the archive's, never a mixture. */
export async function importCacheMount(
  { caches, files }: BuildDeps,
  id: string,
  archive: Readable,
  options: Cancellable = {},
): Promise<void> {
  if (id === '') throw new EngineError('invalid', 'a cache mount needs an id')
  if (caches.list().some(cache => cache.id === id && cache.inUse))
    throw new EngineError('conflict', `import ${id}: a build uses the cache mount`)
  using directory = await caches.take(id, 'locked', options)
  const fresh = await caches.take(`${id} import ${process.hrtime.bigint()}`, 'private', options)
  try {
    const fd = openSync(fresh.path, 'r')
    try {
      await files.extract({ fd }, '/', archive, {}, options)
    } finally {
      closeSync(fd)
    }
    const old = join(fresh.path, '../old')
    renameSync(directory.path, old)
    renameSync(fresh.path, directory.path)
  } finally {
    const place = join(fresh.path, '..')
    fresh[Symbol.dispose]()
    rmSync(place, { recursive: true, force: true })
  }
}
