import { spawn } from 'node:child_process'
import { closeSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { syncDir } from '../base/atomic-file.ts'
import { EngineError, hasCode } from '../base/errors.ts'
import { openDirectoryInRoot } from '../kernel/mount.ts'

/**
 * Fills an empty volume with what the image has at `path`: content, owners, modes, extended attributes, times, and
 * those of the directory itself. Does nothing when the volume holds anything or the image has no such directory.
 * After a crash the volume is empty or whole.
 *
 * @param root directory where the image's files are mounted; links in `path` never lead out of it
 */
export async function copyUp(volumeDir: string, root: string, path: string): Promise<void> {
  if (readdirSync(volumeDir).length > 0) return
  const source = openSource(root, path)
  if (source === undefined) return
  const target = `${volumeDir}.filling`
  try {
    rmSync(target, { recursive: true, force: true })
    await copyTree(source, target)
    renameSync(target, volumeDir)
    syncDir(dirname(volumeDir))
  } catch (error) {
    rmSync(target, { recursive: true, force: true })
    // something is mounted at the volume's directory, so it cannot be replaced
    if (!hasCode(error, 'EBUSY') && !hasCode(error, 'EXDEV')) throw error
    await copyTree(source, volumeDir)
  } finally {
    closeSync(source)
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

/** cp works in a process of its own: a tree of any size blocks nobody, and no link of it is followed. */
function copyTree(source: number, target: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const child = spawn('sh', ['-c', 'mkdir -p "$1" && cp -a /proc/self/fd/3/. "$1/" && sync -f "$1"', 'sh', target], {
    stdio: ['ignore', 'ignore', 'pipe', source],
  })
  let stderr = ''
  child.stderr!.on('data', data => (stderr = (stderr + data).slice(-2000)))
  child.on('error', reject)
  child.on('close', code =>
    code === 0
      ? resolve()
      : reject(new EngineError('internal', `cannot copy the image's files into the volume: ${stderr.trim()}`)),
  )
  return promise
}
