import {
  type BigIntStats,
  chmodSync,
  copyFileSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { fromByteString, toByteString } from '../archive/tar-entry.ts'
import type { Cancellable } from '../base/cancellable.ts'
import { getXattr, listXattrs, majorOf, makeNode, minorOf, setModified, setXattr } from '../kernel/file-metadata.ts'
import { fsPath } from './contained-path.ts'

export interface CopyRules extends Cancellable {
  /** undefined keeps it */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined
  /** what becomes of the permission bits; undefined keeps them */
  readonly mode?: ((mode: number, isDirectory: boolean) => number) | undefined
  /** what is left out, by its path below the source; a directory with all that it holds */
  readonly skip?: ((path: string) => boolean) | undefined
  /**
   * Seconds since 1970: a file of just this time whose owner and mode stay gets a second name instead of a copy.
   * Only where nobody ever writes to the source's files, and both are on one file system.
   */
  readonly linkAt?: number | undefined
  /** with `linkAt`: one that has no other name yet gets a second one whatever its time; the caller gives it that time */
  readonly linkOnce?: boolean | undefined
}

const sliceMillis = 8
const bigFile = 4n << 20n
/** up to here reading and writing is faster than what libuv does to copy */
const smallFile = 1n << 18n

interface Copying {
  readonly rules: CopyRules
  /** inode of a file with several names → where its copy is */
  readonly linked: Map<bigint, string>
  /** length of the source's own path, with the slash behind it */
  readonly prefix: number
  pause: () => Promise<void> | undefined
}

/** Lets other work in between whenever a piece of work has taken long enough. */
export function breather(): () => Promise<void> | undefined {
  let since = performance.now()
  return () => {
    if (performance.now() - since < sliceMillis) return undefined
    return setImmediate().then(() => {
      since = performance.now()
    })
  }
}

/**
 * Copies one file, or a directory with what it holds, to `target`; a directory that is there is merged with, anything
 * else replaced. `source` itself may be a link to what is meant; below it links are copied as links, and none below `target` is followed. Nobody else may write there meanwhile.
 */
export async function copyTree(source: string, target: string, rules: CopyRules): Promise<void> {
  const copying: Copying = { rules, linked: new Map(), prefix: toByteString(source).length + 1, pause: breather() }
  await copyNode(toByteString(source), toByteString(target), copying, statSync)
}

/** As copyTree(), for what a directory holds; the directory `target` itself stays as it is. */
export async function copyChildren(source: string, target: string, rules: CopyRules): Promise<void> {
  const copying: Copying = { rules, linked: new Map(), prefix: toByteString(source).length + 1, pause: breather() }
  await copyEntries(toByteString(source), toByteString(target), copying, false)
}

async function copyEntries(source: string, target: string, copying: Copying, isNew: boolean): Promise<void> {
  const { skip } = copying.rules
  for (const name of readdirSync(fsPath(`${source}/.`), { encoding: 'latin1' })) {
    const path = `${source}/${name}`
    if (skip?.(fromByteString(path.slice(copying.prefix)))) continue
    await copyNode(path, `${target}/${name}`, copying, lstatSync, isNew)
  }
}

async function copyNode(
  source: string,
  target: string,
  copying: Copying,
  look: typeof lstatSync = lstatSync,
  isNew = false,
): Promise<void> {
  copying.rules.signal?.throwIfAborted()
  await copying.pause()
  const stat = look(fsPath(source), { bigint: true })
  const old = isNew ? undefined : lstatSync(fsPath(target), { throwIfNoEntry: false })
  if (old && !(old.isDirectory() && stat.isDirectory())) rmSync(fsPath(target), { recursive: true })
  if (stat.isDirectory()) {
    if (!old?.isDirectory()) mkdirSync(fsPath(target), 0o700)
    await copyEntries(source, target, copying, !old?.isDirectory())
  } else if (isSame(stat, copying.rules)) return linkSync(fsPath(source), fsPath(target))
  else if (copyLink(stat, target, copying)) return
  else if (stat.isFile()) await copyContent(source, target, stat)
  else if (stat.isSymbolicLink()) symlinkSync(readlinkSync(fsPath(source), 'buffer'), fsPath(target))
  else if (!copyDevice(stat, target)) return
  copyMetadata(source, target, stat, copying.rules)
}

/** A copy would differ in nothing. */
function isSame(stat: BigIntStats, { owner, mode, linkAt, linkOnce }: CopyRules): boolean {
  if (linkAt === undefined || !stat.isFile()) return false
  if (stat.mtimeNs !== BigInt(linkAt) * 1_000_000_000n && !(linkOnce && stat.nlink === 1n)) return false
  if (owner && (stat.uid !== BigInt(owner.uid) || stat.gid !== BigInt(owner.gid))) return false
  const bits = Number(stat.mode) & 0o7777
  return !mode || mode(bits, false) === bits
}

function copyLink(stat: BigIntStats, target: string, { linked }: Copying): boolean {
  if (!stat.isFile() || stat.nlink < 2n) return false
  const first = linked.get(stat.ino)
  if (first === undefined) linked.set(stat.ino, target)
  else linkSync(fsPath(first), fsPath(target))
  return first !== undefined
}

async function copyContent(source: string, target: string, stat: BigIntStats): Promise<void> {
  if (stat.size > bigFile) await copyFile(fsPath(source), fsPath(target))
  else if (stat.size > smallFile) copyFileSync(fsPath(source), fsPath(target))
  else writeFileSync(fsPath(target), readFileSync(fsPath(source)), { flag: 'wx', mode: 0o600 })
}

function copyDevice(stat: BigIntStats, target: string): boolean {
  const type = stat.isFIFO()
    ? 'fifo'
    : stat.isCharacterDevice()
      ? 'character'
      : stat.isBlockDevice()
        ? 'block'
        : undefined
  const device = Number(stat.rdev)
  if (type) makeNode(target, type, Number(stat.mode) & 0o7777, majorOf(device), minorOf(device))
  return type !== undefined
}

/** Owner, mode, capabilities and time; also those of a directory, once nothing is put in it any more. */
export function copyMetadata(source: string, target: string, stat: BigIntStats, { owner, mode }: CopyRules): void {
  const { uid, gid } = owner ?? { uid: Number(stat.uid), gid: Number(stat.gid) }
  lchownSync(fsPath(target), uid, gid)
  if (!stat.isSymbolicLink()) {
    const bits = Number(stat.mode) & 0o7777
    chmodSync(fsPath(target), mode ? mode(bits, stat.isDirectory()) : bits)
    if (stat.isFile()) copyCapabilities(source, target)
  }
  setModified(target, stat.mtimeNs)
}

function copyCapabilities(source: string, target: string): void {
  for (const name of listXattrs(source)) {
    if (name !== 'security.capability' && !/^user\.(?!overlay\.)/.test(name)) continue
    const value = getXattr(source, name)
    if (value) setXattr(target, name, value)
  }
}
