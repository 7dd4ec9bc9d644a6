import { createHash } from 'node:crypto'
import {
  type BigIntStats,
  createReadStream,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
} from 'node:fs'
import { toByteString } from '../archive/tar-entry.ts'
import type { Cancellable } from '../base/cancellable.ts'
import { fsPath } from './contained-path.ts'
import { breather } from './copy-tree.ts'

const bigFile = 1n << 20n
/** A file that changed less than so long ago may change again without a trace in its times. */
const settledMillis = 2000
const knownLimit = 200_000

/** Digests of files that were read before, by what changes whenever they do. */
const known = new Map<string, string>()

/**
 * Digest, in hex, of names, kinds, modes, owners, link targets and contents; not of times.
 *
 * @param options `fresh`: every byte is read, since a disk that fails leaves the times alone
 */
export async function hashTree(
  path: string,
  { signal, fresh = false }: Cancellable & { readonly fresh?: boolean } = {},
): Promise<string> {
  const hash = createHash('sha256')
  const pause = breather()
  const visit = async (node: string, name: string, isTop: boolean): Promise<void> => {
    signal?.throwIfAborted()
    await pause()
    const stat = (isTop ? statSync : lstatSync)(fsPath(node), { bigint: true })!
    const link = stat.isSymbolicLink() ? readlinkSync(fsPath(node), 'latin1') : ''
    const content = stat.isFile() ? await contentDigest(node, stat, fresh) : ''
    const { mode, uid, gid, rdev } = stat
    hash.update(`${JSON.stringify([name, ...[mode, uid, gid, rdev].map(Number), link, content])}\n`)
    if (!stat.isDirectory()) return
    for (const child of readdirSync(fsPath(`${node}/.`), { encoding: 'latin1' }).sort())
      await visit(`${node}/${child}`, `${name}/${child}`, false)
  }
  await visit(toByteString(path), '', true)
  return hash.digest('hex')
}

async function contentDigest(path: string, stat: BigIntStats, fresh: boolean): Promise<string> {
  const key = [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(' ')
  const found = fresh ? undefined : known.get(key)
  if (found !== undefined) return found
  const hash = createHash('sha256')
  if (stat.size <= bigFile) hash.update(readFileSync(fsPath(path)))
  else for await (const chunk of createReadStream(fsPath(path), { highWaterMark: Number(bigFile) })) hash.update(chunk)
  const digest = hash.digest('hex')
  if (fresh || Date.now() - Number(stat.ctimeNs / 1_000_000n) < settledMillis) return digest
  if (known.size >= knownLimit) known.clear()
  known.set(key, digest)
  return digest
}
