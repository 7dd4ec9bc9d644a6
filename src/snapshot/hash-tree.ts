import { createHash, type Hash } from 'node:crypto'
import { createReadStream, lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { toByteString } from '../archive/tar-entry.ts'
import type { Cancellable } from '../base/cancellable.ts'
import { fsPath } from './contained-path.ts'
import { breather } from './copy-tree.ts'

const bigFile = 1 << 20

/** Digest, in hex, of names, kinds, modes, owners, link targets and contents; not of times. */
export async function hashTree(path: string, { signal }: Cancellable = {}): Promise<string> {
  const hash = createHash('sha256')
  const pause = breather()
  const visit = async (node: string, name: string, look: typeof lstatSync = lstatSync): Promise<void> => {
    signal?.throwIfAborted()
    await pause()
    const stat = look(fsPath(node))!
    const link = stat.isSymbolicLink() ? readlinkSync(fsPath(node), 'latin1') : ''
    hash.update(
      `${JSON.stringify([name, stat.mode, stat.uid, stat.gid, stat.isFile() ? stat.size : 0, stat.rdev, link])}\n`,
    )
    if (stat.isFile()) await content(hash, node, stat.size)
    if (!stat.isDirectory()) return
    for (const child of readdirSync(fsPath(`${node}/.`), { encoding: 'latin1' }).sort())
      await visit(`${node}/${child}`, `${name}/${child}`)
  }
  await visit(toByteString(path), '', statSync)
  return hash.digest('hex')
}

async function content(hash: Hash, path: string, size: number): Promise<void> {
  if (size <= bigFile) hash.update(readFileSync(fsPath(path)))
  else for await (const chunk of createReadStream(fsPath(path), { highWaterMark: bigFile })) hash.update(chunk)
}
