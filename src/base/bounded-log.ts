import { appendFileSync, renameSync, statSync } from 'node:fs'
import { ignoring } from './errors.ts'

/** Adds a line; a file of that size becomes `<path>.1`, and the one before it goes. */
export function appendBounded(path: string, line: string, maxBytes: number): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  if (size >= maxBytes) ignoring(['ENOENT'], () => renameSync(path, `${path}.1`))
  appendFileSync(path, `${line}\n`, { mode: 0o640 })
}
