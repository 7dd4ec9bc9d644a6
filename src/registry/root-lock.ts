import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { EngineError } from '../base/errors.ts'

/**
 * Makes this process the only one to work on `root`, until disposed or dead.
 *
 * Node has no file locks of its own, SQLite has: an open transaction is one that the kernel ends with the process.
 *
 * @throws EngineError `conflict`
 */
export function lockRoot(root: string): Disposable {
  const db = new DatabaseSync(join(root, 'lock'))
  try {
    db.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    db.close()
    throw new EngineError('conflict', `another registry works on ${root}`, { cause: error })
  }
  return { [Symbol.dispose]: () => db.close() }
}
