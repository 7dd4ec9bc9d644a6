import { type BigIntStats, linkSync, lstatSync, mkdirSync, readdirSync } from 'node:fs'
import { toByteString } from '../archive/tar-entry.ts'
import type { Cancellable } from '../base/cancellable.ts'
import { makeNode, setXattr } from '../kernel/file-metadata.ts'
import { findInLayers } from './changes.ts'
import { fsPath } from './contained-path.ts'
import { breather, copyMetadata } from './copy-tree.ts'
import { isOpaque, isWhiteout } from './layer-tar.ts'

interface Merging extends Cancellable {
  readonly pause: () => Promise<void> | undefined
}

/**
 * Makes the empty directory `target` one layer that shows on `bases` what `layers` show there, both topmost first. Its
 * files are those of the layers by second names.
 */
export async function mergeLayers(
  layers: readonly string[],
  bases: readonly string[],
  target: string,
  { signal }: Cancellable = {},
): Promise<void> {
  const [own, below] = [layers.map(toByteString), bases.map(toByteString)]
  await mergeDirectory(own, below, toByteString(target), { signal, pause: breather() })
}

async function mergeDirectory(
  layers: readonly string[],
  bases: readonly string[],
  target: string,
  merging: Merging,
): Promise<void> {
  const names = new Set(layers.flatMap(layer => readdirSync(fsPath(layer), { encoding: 'latin1' })))
  for (const name of names) {
    merging.signal?.throwIfAborted()
    await merging.pause()
    await mergeEntry(name, layers, bases, target, merging)
  }
}

async function mergeEntry(
  name: string,
  layers: readonly string[],
  bases: readonly string[],
  target: string,
  merging: Merging,
): Promise<void> {
  const { top, directories, hides } = look(layers, name)
  const path = `${target}/${name}`
  const below = findInLayers(bases, name)
  if (!top) {
    if (below.stat) makeNode(path, 'character', 0, 0, 0)
    return
  }
  if (!top.stat.isDirectory()) return linkSync(fsPath(top.path), fsPath(path))
  mkdirSync(fsPath(path), 0o700)
  if (hides && below.stat?.isDirectory()) setXattr(path, 'trusted.overlay.opaque', Buffer.from('y'))
  await mergeDirectory(directories, hides ? [] : below.directories, path, merging)
  copyMetadata(top.path, path, top.stat, {})
}

/** What layers show as `name`, and whether it hides what is below them. */
function look(layers: readonly string[], name: string) {
  let top: { readonly path: string; readonly stat: BigIntStats } | undefined
  const directories: string[] = []
  for (const layer of layers) {
    const path = `${layer}/${name}`
    const stat = lstatSync(fsPath(path), { bigint: true, throwIfNoEntry: false })
    if (!stat) continue
    if (!isWhiteout(stat)) top ??= { path, stat }
    if (!stat.isDirectory()) return { top, directories, hides: true }
    directories.push(path)
    if (isOpaque(path)) return { top, directories, hides: true }
  }
  return { top, directories, hides: false }
}
