import { type BigIntStats, lstatSync, readdirSync } from 'node:fs'
import { toByteString } from '../archive/tar-entry.ts'
import { encodeTarHeader, tarTrailer } from '../archive/tar-header.ts'
import { hasCode } from '../base/errors.ts'
import { fsPath } from './contained-path.ts'
import { describe, member } from './tar-members.ts'

/**
 * The file at `path`, or the directory with all below it, as an archive whose first member is called `name`.
 * What vanishes meanwhile is left out.
 */
export function* treeTar(path: string, name: string): Generator<Buffer> {
  const [place, called] = [toByteString(path), toByteString(name)]
  const stat = lstatSync(fsPath(place), { bigint: true })
  yield* node(place, called, stat, new Map())
  yield tarTrailer
}

/** What the directory `path` holds, without itself. */
export function* childrenTar(path: string): Generator<Buffer> {
  yield* children(toByteString(path), '', new Map())
  yield tarTrailer
}

function* node(path: string, name: string, stat: BigIntStats, firstNames: Map<bigint, string>): Generator<Buffer> {
  if (!stat.isDirectory()) {
    yield* member(path, name, stat, firstNames)
    return
  }
  const slashed = name.endsWith('/') ? name : `${name}/`
  yield encodeTarHeader(describe(path, slashed, 'directory', stat))
  yield* children(path, slashed, firstNames)
}

function* children(path: string, prefix: string, firstNames: Map<bigint, string>): Generator<Buffer> {
  const dir = path.endsWith('/') ? path : `${path}/`
  for (const base of list(dir)) {
    const stat = lstatSync(fsPath(dir + base), { bigint: true, throwIfNoEntry: false })
    if (stat) yield* node(dir + base, prefix + base, stat, firstNames)
  }
}

function list(dir: string): readonly string[] {
  try {
    return readdirSync(fsPath(dir), { encoding: 'latin1' }).sort()
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return []
    throw error
  }
}
