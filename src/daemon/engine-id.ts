import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileAtomic } from '../base/atomic-file.ts'

/** What clients know the engine by; made once for each root. */
export function engineId(root: string): string {
  const path = join(root, 'engine-id')
  if (!existsSync(path)) writeFileAtomic(path, randomUUID(), 0o600)
  return readFileSync(path, 'utf8').trim()
}
