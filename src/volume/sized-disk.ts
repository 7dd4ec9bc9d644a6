import { execFile } from 'node:child_process'
import { closeSync, ftruncateSync, openSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { EngineError, messageOf } from '../base/errors.ts'
import type { Owner } from './local-options.ts'

const run = promisify(execFile)

/**
 * A file system of `size` bytes in a file: a limit on any file system, without quotas. It is sparse, so that only what
 * is written takes room.
 */
export async function makeDisk(path: string, size: number, { uid = 0, gid = 0, mode }: Owner): Promise<void> {
  const fd = openSync(path, 'wx', 0o600)
  try {
    ftruncateSync(fd, size)
  } finally {
    closeSync(fd)
  }
  const owner = `root_owner=${uid}:${gid},lazy_itable_init=1,lazy_journal_init=1`
  await tool('mkfs.ext4', ['-q', '-F', '-m', '0', '-E', owner, path])
  const bits = (0o040000 | (mode ?? 0o755)).toString(8).padStart(7, '0')
  if (mode !== undefined) await tool('debugfs', ['-w', '-R', `set_inode_field / mode ${bits}`, path])
}

/** The loop device goes by itself when nothing has the file system mounted any more. */
export async function mountDisk(path: string, target: string): Promise<void> {
  await tool('mount', ['-t', 'ext4', '-o', 'loop', path, target])
  try {
    rmdirSync(join(target, 'lost+found')) // a new volume is empty, so that an image's files go in
  } catch {} // not there, or it holds what fsck found
}

async function tool(command: string, args: readonly string[]): Promise<void> {
  try {
    await run(command, args)
  } catch (cause) {
    const text = (cause as { stderr?: string }).stderr?.trim() || messageOf(cause)
    throw new EngineError('internal', `a size limit needs ${command} (e2fsprogs, util-linux): ${text}`, { cause })
  }
}
