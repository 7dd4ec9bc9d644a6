import { type BigIntStats, lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { type TarEntry, toByteString } from '../../archive/tar-entry.ts'
import { encodeTarHeader, tarPadding, tarTrailer } from '../../archive/tar-header.ts'

export interface WalkOptions {
  /** names of members, from paths relative to the root; undefined leaves it out */
  readonly rename: (path: string) => string | undefined
  /** keep numeric owners; else everything belongs to root */
  readonly keepOwner: boolean
  readonly onBytes?: (count: number) => void
}

const typeOf = (stat: BigIntStats): TarEntry['type'] | undefined => {
  if (stat.isFile()) return 'file'
  if (stat.isDirectory()) return 'directory'
  if (stat.isSymbolicLink()) return 'symlink'
  if (stat.isCharacterDevice()) return 'character'
  if (stat.isBlockDevice()) return 'block'
  return stat.isFIFO() ? 'fifo' : undefined
}

const majorOf = (device: bigint): number => Number(((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn))
const minorOf = (device: bigint): number => Number((device & 0xffn) | ((device >> 12n) & 0xffffff00n))

function entryOf(path: string, name: string, keepOwner: boolean, seen: Map<string, string>): TarEntry | undefined {
  const stat = lstatSync(path, { bigint: true })
  const type = typeOf(stat)
  if (!type) return undefined
  const inode = `${stat.dev}:${stat.ino}`
  const first = type === 'file' && stat.nlink > 1n ? seen.get(inode) : undefined
  if (type === 'file' && stat.nlink > 1n && first === undefined) seen.set(inode, name)
  const isDevice = type === 'character' || type === 'block'
  return {
    name: toByteString(type === 'directory' && !name.endsWith('/') ? `${name}/` : name),
    type: first === undefined ? type : 'link',
    mode: Number(stat.mode & 0o7777n),
    uid: keepOwner ? Number(stat.uid) : 0,
    gid: keepOwner ? Number(stat.gid) : 0,
    size: type === 'file' && first === undefined ? Number(stat.size) : 0,
    mtimeNanos: (stat.mtimeNs / second) * second,
    linkName: toByteString(first ?? (type === 'symlink' ? readlinkSync(path) : '')),
    major: isDevice ? majorOf(stat.rdev) : 0,
    minor: isDevice ? minorOf(stat.rdev) : 0,
    xattrs: new Map(),
  }
}

/** The bytes of a file, exactly as many as its header promises. */
async function* contents(path: string, size: number, onBytes?: (count: number) => void): AsyncGenerator<Uint8Array> {
  const file = await open(path)
  let left = size
  try {
    while (left > 0) {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(Math.min(left, 1 << 18)), 0)
      if (bytesRead === 0) break
      left -= bytesRead
      onBytes?.(bytesRead)
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await file.close()
  }
  for (; left > 0; left -= Math.min(left, 1 << 16)) yield Buffer.alloc(Math.min(left, 1 << 16))
  if (size > 0) yield tarPadding(size)
}

/** Docker's archives have whole seconds. */
const second = 1_000_000_000n

export type Visit = (path: string, stat: Stats) => 'take' | 'skip' | 'prune'

/** Paths below `root`, parents first, in order; `''` is the root itself. */
function* paths(root: string, path: string, visit: Visit): Generator<string> {
  const stat = lstatSync(path ? join(root, path) : root)
  const verdict = path ? visit(path, stat) : 'take'
  if (verdict === 'prune') return
  if (verdict === 'take') yield path
  if (!stat.isDirectory()) return
  for (const name of readdirSync(path ? join(root, path) : root).sort())
    yield* paths(root, path ? `${path}/${name}` : name, visit)
}

const takeAll: Visit = () => 'take'

/** The file or folder at `root` as a tar archive, without its end. */
export async function* tarMembers(
  root: string,
  { keepOwner, onBytes, rename }: WalkOptions,
  visit: Visit = takeAll,
): AsyncGenerator<Uint8Array> {
  const seen = new Map<string, string>()
  for (const path of paths(root, '', visit)) {
    const name = rename(path)
    if (name === undefined) continue
    const full = path ? join(root, path) : root
    const entry = entryOf(full, name, keepOwner, seen)
    if (!entry) continue
    const header = encodeTarHeader(entry)
    onBytes?.(header.length)
    yield header
    if (entry.type === 'file') yield* contents(full, entry.size, onBytes)
  }
}

export async function* withTrailer(members: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* members
  yield tarTrailer
}
