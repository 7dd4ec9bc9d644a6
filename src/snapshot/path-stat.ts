import { lstatSync, readlinkSync, type Stats, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { EngineError } from '../base/errors.ts'
import { formatNanos } from '../base/time.ts'
import type { PathStat } from '../spec/engine-api/engine.ts'

const types: readonly (readonly [(stat: Stats) => boolean, number])[] = [
  [stat => stat.isDirectory(), 1 << 31],
  [stat => stat.isSymbolicLink(), 1 << 27],
  [stat => stat.isBlockDevice(), 1 << 26],
  [stat => stat.isCharacterDevice(), (1 << 26) | (1 << 21)],
  [stat => stat.isFIFO(), 1 << 25],
  [stat => stat.isSocket(), 1 << 24],
  [stat => (stat.mode & 0o4000) !== 0, 1 << 23],
  [stat => (stat.mode & 0o2000) !== 0, 1 << 22],
  [stat => (stat.mode & 0o1000) !== 0, 1 << 20],
]

/** As Go's os.FileMode. https://pkg.go.dev/io/fs#FileMode */
const goMode = (stat: Stats): number =>
  types.reduce((mode, [is, bit]) => (is(stat) ? mode | bit : mode), stat.mode & 0o777) >>> 0

/** Where `path` leads when every link is followed, as far as that goes. */
export function resolvePath(path: string): string {
  let rest = path.split('/')
  let done = '/'
  for (let links = 0; rest.length > 0; ) {
    const part = rest.shift()!
    if (part === '' || part === '.') continue
    const next = part === '..' ? dirname(done) : join(done, part)
    const isLink = lstatSync(next, { throwIfNoEntry: false })?.isSymbolicLink()
    if (!isLink) done = next
    else {
      if (++links > 255) throw new EngineError('internal', `too many links in ${path}`)
      const target = readlinkSync(next)
      if (target.startsWith('/')) done = '/'
      rest = [...target.split('/'), ...rest]
    }
  }
  return done
}

/** As resolvePath(), of something that exists. Throws ENOENT, ENOTDIR. */
export function realPath(path: string): string {
  statSync(path)
  return resolvePath(path)
}

/** What docker cp wants to know of `path` below the root of the calling thread. */
export function statPath(path: string): PathStat {
  const stat = lstatSync(path)
  return {
    name: basename(path) || '/',
    size: stat.size,
    mode: goMode(stat),
    mtime: formatNanos(lstatSync(path, { bigint: true }).mtimeNs),
    linkTarget: stat.isSymbolicLink() ? resolvePath(path) : '',
  }
}
