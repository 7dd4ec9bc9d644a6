import { spawn } from 'node:child_process'
import { chmodSync, chownSync, closeSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { syncDir } from '../base/atomic-file.ts'
import { EngineError, hasCode } from '../base/errors.ts'
import { openDirectoryInRoot } from '../kernel/mount.ts'
import type { VolumeOptions } from './driver.ts'
import { ownerOf } from './local-options.ts'

/**
 * Fills an empty volume with what the image has at `path`: content, owners, modes, extended attributes, times, and
 * those of the directory itself. Does nothing when the volume holds anything or the image has no such directory.
 * After a crash the volume is empty or whole.
 *
 * @param mount makes the volume's files reachable and says where; not called where the image has nothing
 * @param options of the volume: an owner or mode that they name stays
 * @param root directory where the image's files are mounted; links in `path` never lead out of it
 */
export async function copyUp(
  mount: () => Promise<string>,
  root: string,
  path: string,
  options: VolumeOptions | null = null,
): Promise<void> {
  const source = openSource(root, path)
  if (source === undefined) return
  try {
    const volumeDir = await mount()
    if (readdirSync(volumeDir).length === 0) await fill(source, volumeDir, options)
  } finally {
    closeSync(source)
  }
}

async function fill(source: number, volumeDir: string, options: VolumeOptions | null): Promise<void> {
  const target = `${volumeDir}.filling`
  try {
    rmSync(target, { recursive: true, force: true })
    await copyTree(source, target)
    setOwner(target, options)
    renameSync(target, volumeDir)
    syncDir(dirname(volumeDir))
  } catch (error) {
    rmSync(target, { recursive: true, force: true })
    // something is mounted at the volume's directory, so it cannot be replaced
    if (!hasCode(error, 'EBUSY') && !hasCode(error, 'EXDEV')) throw error
    await copyTree(source, volumeDir)
    setOwner(volumeDir, options)
  }
}

function openSource(root: string, path: string): number | undefined {
  const fd = openSync(root, 'r')
  try {
    return openDirectoryInRoot(fd, path)
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return undefined
    throw error
  } finally {
    closeSync(fd)
  }
}

function setOwner(dir: string, options: VolumeOptions | null): void {
  const { uid = -1, gid = -1, mode } = ownerOf(options)
  chownSync(dir, uid, gid)
  if (mode !== undefined) chmodSync(dir, mode)
}

function copyTree(source: number, target: string): Promise<void> {
  return copy(source, target, "cannot copy the image's files into the volume")
}

/** What the directory `source` holds, with all that copyUp() keeps, into `target`, which is made where it is missing. */
export async function copyFiles(source: string, target: string): Promise<void> {
  const fd = openSync(source, 'r')
  try {
    await copy(fd, target, `cannot copy the files of ${source}`)
  } finally {
    closeSync(fd)
  }
}

/** cp works in a process of its own: a tree of any size blocks nobody, and no link of it is followed. */
function copy(source: number, target: string, failure: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const script = 'mkdir -p "$1" && cp -a --reflink=auto /proc/self/fd/3/. "$1/" && sync -f "$1"'
  const child = spawn('sh', ['-c', script, 'sh', target], { stdio: ['ignore', 'ignore', 'pipe', source] })
  let stderr = ''
  child.stderr!.on('data', data => (stderr = (stderr + data).slice(-2000)))
  child.on('error', reject)
  child.on('close', code =>
    code === 0 ? resolve() : reject(new EngineError('internal', `${failure}: ${stderr.trim()}`)),
  )
  return promise
}
