import { lstatSync, mkdirSync, readlinkSync } from 'node:fs'
import { EngineError, hasCode } from '../base/errors.ts'

/** What node:fs takes for a byte string: Buffers are needed only where a byte is no ASCII. */
export const fsPath = (bytes: string): string | Buffer =>
  /[^\x00-\x7f]/.test(bytes) ? Buffer.from(bytes, 'latin1') : bytes

/**
 * `name` relative to the root of an archive, without `.` and `..`; empty for the root itself.
 *
 * @throws EngineError `invalid` when it leads out
 */
export function cleanName(name: string): string {
  if (!/(^|\/)\.{0,2}(\/|$)/.test(name)) return name
  const kept: string[] = []
  for (const part of name.split('/')) {
    if (part !== '..') part && part !== '.' && kept.push(part)
    else if (kept.pop() === undefined && !name.startsWith('/'))
      throw new EngineError('invalid', `${JSON.stringify(name)} is outside of "/"`)
  }
  return kept.join('/')
}

/**
 * Finds directories below one root without ever leaving it: symbolic links on the way are followed as if the root
 * were `/`. Nobody else may write below the root meanwhile.
 */
export class ContainedDirectories {
  readonly #root: string
  /** names known to be real directories, reached without any link */
  readonly #known = new Set<string>([''])

  constructor(root: string) {
    this.#root = root
  }

  /** The parent directory of `name`, made where it is missing, with the last part: an absolute path. */
  locate(name: string): string {
    const slash = name.lastIndexOf('/')
    const parent = slash < 0 ? '' : name.slice(0, slash)
    const real = this.#known.has(parent) ? parent : this.#resolve(parent)
    return `${this.#root}${real && `/${real}`}/${name.slice(slash + 1)}`
  }

  /** Call when the thing at an absolute path that locate() gave was removed. */
  forget(path: string): void {
    const name = path.slice(this.#root.length + 1)
    for (const known of this.#known) if (known === name || known.startsWith(`${name}/`)) this.#known.delete(known)
  }

  /** Call when a real directory now exists at an absolute path that locate() gave. */
  remember(path: string): void {
    this.#known.add(path.slice(this.#root.length + 1))
  }

  #resolve(name: string): string {
    let parts = name.split('/')
    const done: string[] = []
    for (let links = 0; parts.length > 0; ) {
      const part = parts.shift()!
      if (part === '' || part === '.') continue
      if (part === '..') {
        done.pop()
        continue
      }
      const candidate = [...done, part].join('/')
      const target = this.#known.has(candidate) ? undefined : this.#linkOrMake(candidate)
      if (target === undefined) done.push(part)
      else {
        if (++links > 40) throw new EngineError('invalid', `too many levels of symbolic links: ${JSON.stringify(name)}`)
        if (target.startsWith('/')) done.length = 0
        parts = [...target.split('/'), ...parts]
      }
    }
    return done.join('/')
  }

  /** The target of the link at `name`; undefined when there is, now, a directory. */
  #linkOrMake(name: string): string | undefined {
    const path = fsPath(`${this.#root}/${name}`)
    try {
      const stat = lstatSync(path)
      if (stat.isSymbolicLink()) return readlinkSync(path, 'latin1')
      if (!stat.isDirectory()) throw new EngineError('invalid', `mkdir /${name}: not a directory`)
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error
      mkdirSync(path, 0o755)
    }
    this.#known.add(name)
    return undefined
  }
}
