import { createWriteStream, renameSync, rmSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { hasCode, messageOf } from '../../base/errors.ts'
import { ExitError } from '../errors.ts'
import type { Output } from '../output.ts'

/** Refuses what cannot become a file before anything is asked of the engine. */
export function checkOutputPath(path: string, what: string): void {
  const dir = dirname(path)
  if (dir !== '.' && !statSync(dir, { throwIfNoEntry: false }))
    throw new ExitError(1, `${what}: invalid output path: stat ${dir}: no such file or directory`)
  const found = statSync(path, { throwIfNoEntry: false })
  if (found?.isDirectory()) throw new ExitError(1, `${what}: cannot write to a directory`)
  if (found && !found.isFile() && path !== '/dev/null')
    throw new ExitError(
      1,
      `${what}: invalid output path: ${JSON.stringify(path)} must be a directory or a regular file`,
    )
}

/** Streams into a file that appears only when it is whole, or onto standard output. */
export async function writeTo(path: string, out: Output, source: Readable): Promise<void> {
  if (!path) {
    for await (const chunk of source) out.write(chunk as Uint8Array)
    return
  }
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === false) return pipeline(source, createWriteStream(path))
  const temporary = join(dirname(path), `.tmp-${basename(path)}${process.pid}`)
  try {
    await pipeline(source, createWriteStream(temporary, { mode: 0o600 }))
    renameSync(temporary, path)
  } finally {
    rmSync(temporary, { force: true })
  }
}

/** A file to read from, with Go's words when it cannot be opened. */
export async function openInput(path: string): Promise<Readable> {
  try {
    const file = await open(path)
    return file.createReadStream()
  } catch (error) {
    throw new ExitError(1, `open ${path}: ${openFailure(error)}`)
  }
}

/** Why a file cannot be opened, as Go puts it. */
export function openFailure(error: unknown): string {
  if (hasCode(error, 'ENOENT')) return 'no such file or directory'
  if (hasCode(error, 'EACCES')) return 'permission denied'
  if (hasCode(error, 'EISDIR')) return 'is a directory'
  return hasCode(error, 'ENOTDIR') ? 'not a directory' : messageOf(error)
}
