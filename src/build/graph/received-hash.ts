import { createHash } from 'node:crypto'
import { toByteString } from '../../archive/tar-entry.ts'
import type { ReceivedFile } from './receive.ts'

type Files = ReadonlyMap<string, Omit<ReceivedFile, 'print'>>

const S_IFMT = 0o170000
const S_IFDIR = 0o040000
const S_IFREG = 0o100000
const rootMode = S_IFDIR | 0o755

const children = new WeakMap<Files, ReadonlyMap<string, readonly string[]>>()

function childrenOf(files: Files): ReadonlyMap<string, readonly string[]> {
  const known = children.get(files)
  if (known) return known
  const found = new Map<string, string[]>()
  for (const path of files.keys()) {
    const slash = path.lastIndexOf('/')
    const parent = path.slice(0, Math.max(0, slash))
    const siblings = found.get(parent)
    if (siblings) siblings.push(path.slice(slash + 1))
    else found.set(parent, [path.slice(slash + 1)])
  }
  children.set(files, found)
  return found
}

/**
 * What hashTree() says of `path`, with its kind in front, from what was noted when the files came: no file is looked at.
 * Undefined where the notes do not tell, as below a symbolic link.
 */
export function hashReceived(files: Files, path: string): string | undefined {
  const start = path.replace(/^\/+/, '')
  const top = start === '' ? { mode: rootMode, link: '', content: '' } : files.get(start)
  if (!top) return undefined
  const kind = top.mode & S_IFMT
  if (kind !== S_IFDIR && kind !== S_IFREG) return undefined
  const below = childrenOf(files)
  const [uid, gid] = [process.geteuid!(), process.getegid!()]
  const hash = createHash('sha256')
  const visit = (at: string, name: string, { mode, link, content }: Omit<ReceivedFile, 'print'>): boolean => {
    if ((mode & S_IFMT) === S_IFREG && content === '') return false
    hash.update(`${JSON.stringify([name, mode, uid, gid, 0, toByteString(link), content])}\n`)
    const names = (below.get(at) ?? []).map(child => [toByteString(child), child] as const)
    return names
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .every(([bytes, child]) => {
        const next = at === '' ? child : `${at}/${child}`
        return visit(next, `${name}/${bytes}`, files.get(next)!)
      })
  }
  return visit(start, '', top) ? `${kind === S_IFDIR ? 'dir' : 'file'}:${hash.digest('hex')}` : undefined
}
