import type { Readable } from 'node:stream'
import type { ContainerDeps } from './deps.ts'
import { emitFor } from './events.ts'
import { openContainerFiles } from './rootfs.ts'

/** The files of a container, without its volumes, as one archive. */
export async function exportContainer(deps: ContainerDeps, key: string): Promise<Readable> {
  const record = deps.store.find(key)
  const held = openContainerFiles(deps, record)
  const tar = deps.files.tarAll(held.root)
  tar.once('close', () => held[Symbol.dispose]())
  emitFor(deps, record, 'export')
  return tar
}
