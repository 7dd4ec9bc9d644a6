import { type BigIntStats, closeSync, constants, openSync, readlinkSync, readSync } from 'node:fs'
import type { TarEntry, TarEntryType } from '../archive/tar-entry.ts'
import { encodeTarHeader, tarPadding } from '../archive/tar-header.ts'
import { getXattr, listXattrs, majorOf, minorOf } from '../kernel/file-metadata.ts'
import { fsPath } from './contained-path.ts'

const chunkSize = 256 * 1024
/** what was a file a moment ago may be a link or a FIFO by now */
const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** One thing that is no directory, as a member of an archive: `firstNames` (inode → name) makes hard links of names that follow. */
export function* member(
  path: string,
  name: string,
  stat: BigIntStats,
  firstNames: Map<bigint, string>,
): Generator<Buffer> {
  const first = stat.nlink > 1n ? firstNames.get(stat.ino) : undefined
  if (first !== undefined) {
    yield encodeTarHeader({ ...describe(path, name, 'link', stat), linkName: first })
    return
  }
  if (stat.nlink > 1n) firstNames.set(stat.ino, name)
  const type = typeOf(stat)
  if (type === undefined) return // sockets have no place in an archive
  const entry = describe(path, name, type, stat)
  yield encodeTarHeader(entry)
  if (type === 'file' && entry.size > 0) yield* content(path, entry.size)
}

function typeOf(stat: BigIntStats): TarEntryType | undefined {
  if (stat.isFile()) return 'file'
  if (stat.isSymbolicLink()) return 'symlink'
  if (stat.isCharacterDevice()) return 'character'
  if (stat.isBlockDevice()) return 'block'
  return stat.isFIFO() ? 'fifo' : undefined
}

/** What the header of the member `name` says of the file at `path`. */
export const describe = (path: string, name: string, type: TarEntryType, stat: BigIntStats): TarEntry => ({
  name,
  type,
  mode: Number(stat.mode) & 0o7777,
  uid: Number(stat.uid),
  gid: Number(stat.gid),
  size: type === 'file' ? Number(stat.size) : 0,
  mtimeNanos: stat.mtimeNs,
  linkName: type === 'symlink' ? readlinkSync(fsPath(path), 'latin1') : '',
  major: type === 'character' || type === 'block' ? majorOf(Number(stat.rdev)) : 0,
  minor: type === 'character' || type === 'block' ? minorOf(Number(stat.rdev)) : 0,
  xattrs: type === 'symlink' || type === 'link' ? new Map() : xattrsOf(path),
})

function xattrsOf(path: string): ReadonlyMap<string, Buffer> {
  const names = listXattrs(path).filter(name => name === 'security.capability' || /^user\.(?!overlay\.)/.test(name))
  return new Map(names.sort().map(name => [name, getXattr(path, name) ?? Buffer.alloc(0)]))
}

/** Exactly `size` bytes, as the header promised: a file that shrinks meanwhile is filled with zeros. */
function* content(path: string, size: number): Generator<Buffer> {
  const fd = openSync(fsPath(path), openFlags)
  try {
    for (let left = size; left > 0; ) {
      const chunk = Buffer.allocUnsafe(Math.min(chunkSize, left))
      const read = readSync(fd, chunk, 0, chunk.length, null)
      if (read === 0) chunk.fill(0)
      yield chunk.subarray(0, read || chunk.length)
      left -= read || chunk.length
    }
  } finally {
    closeSync(fd)
  }
  const padding = tarPadding(size)
  if (padding.length > 0) yield padding
}
