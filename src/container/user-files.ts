import { lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ignoring } from '../base/errors.ts'
import { isOpaque, isWhiteout } from '../snapshot/layer-tar.ts'
import type { ContainerDeps } from './deps.ts'
import type { ContainerRecord } from './record.ts'
import { containerDir, readUserFiles, upperDir } from './rootfs.ts'
import type { UserFiles } from './user.ts'

/** What tells the home and the groups of root: read where the layers have it, which needs no mount. */
export function rootUserFiles(deps: ContainerDeps, record: ContainerRecord): UserFiles {
  const { chainId, mounts } = record
  const isMounted = mounts.some(({ Destination = '' }) => Destination === '/etc' || Destination.startsWith('/etc/'))
  // a file that shall cover a directory is the runtime's to refuse, in its words
  if (isMounted) return ignoring(['ENOTDIR'], () => readUserFiles(deps, record)) ?? { passwd: '', group: '' }
  const layers = [upperDir(containerDir(deps, record.id)), ...(chainId ? deps.snapshots.layers(chainId) : [])]
  const [passwd, group] = ['passwd', 'group'].map(name => topmost(layers, name))
  if (passwd === undefined || group === undefined) return readUserFiles(deps, record)
  return { passwd, group }
}

/** A file of /etc, empty where there is none; undefined where links or devices make it a matter of a mount. */
function topmost(layers: readonly string[], name: string): string | undefined {
  for (const layer of layers) {
    const etc = look(join(layer, 'etc'))
    if (!etc) continue
    if (!etc.isDirectory()) return undefined
    const file = look(join(layer, 'etc', name))
    if (file) return file.isFile() ? readFileSync(join(layer, 'etc', name), 'utf8') : isWhiteout(file) ? '' : undefined
    if (isOpaque(join(layer, 'etc'))) return ''
  }
  return ''
}

const look = (path: string) => lstatSync(path, { bigint: true, throwIfNoEntry: false })
