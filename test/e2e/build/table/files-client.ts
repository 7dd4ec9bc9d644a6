import { type Duplex, Writable } from 'node:stream'
import { globPattern, parseIgnore } from '../../../../src/archive/ignore.ts'
import type { BuildClient, DirectoryOptions, DirectorySink, FileStat } from '../../../../src/spec/engine-api/solver.ts'

type Files = Readonly<Record<string, string>>

const directoryBit = 2 ** 31
const linkBit = 2 ** 27

/** A client whose directories are in memory; `-> x` is a link to x, a path with a slash at its end a directory. */
export class FilesClient implements BuildClient {
  readonly id = 'files'
  readonly sharedKey = ''
  readonly #files: Files

  constructor(files: Files) {
    this.#files = files
  }

  async receiveDirectory(_name: string, options: DirectoryOptions, sink: DirectorySink): Promise<void> {
    const isIgnored = parseIgnore((options.exclude ?? []).join('\n'))
    const wanted = (path: string) => isWanted(path, options.follow ?? [], this.#files)
    const kept = Object.keys(this.#files).filter(path => !isIgnored(path.replace(/\/$/, '')) && wanted(path))
    for (const path of withParents(kept)) {
      const stat = statOf(path, this.#files)
      if (!sink.entry(stat)) continue
      const text = Buffer.from(this.#files[path]!)
      if (text.length > 0) await sink.data(path, text)
      await sink.end(path)
    }
  }

  async sendDirectory(): Promise<void> {}
  sendFile(): Writable {
    return new Writable({ write: (_, __, done) => done() })
  }
  async credentials(): Promise<undefined> {}
  async secret(): Promise<undefined> {}
  async hasAgent(): Promise<boolean> {
    return false
  }
  openAgent(): Duplex {
    throw new Error('no agent')
  }
  blobs(): never {
    throw new Error('this client keeps no blobs')
  }

  async *upload(): AsyncGenerator<Uint8Array> {}
}

/** A path asked for, what is below it, and what a link that is asked for leads to. */
function isWanted(path: string, follow: readonly string[], files: Files): boolean {
  if (follow.length === 0) return true
  const clean = path.replace(/\/$/, '')
  const all = follow.flatMap(each => {
    const target = files[each]?.startsWith('-> ') ? [files[each].slice(3)] : []
    return [each, ...target]
  })
  return all.some(each => {
    const rule = globPattern(each)
    const parts = clean.split('/')
    return parts.some((_, i) => rule.test(parts.slice(0, i + 1).join('/')))
  })
}

/** In the order of a walk: what a directory holds right behind it. */
function withParents(paths: readonly string[]): readonly string[] {
  const all = new Set<string>()
  for (const path of paths) {
    const parts = path.replace(/\/$/, '').split('/')
    for (let i = 1; i < parts.length; i++) all.add(`${parts.slice(0, i).join('/')}/`)
    all.add(path)
  }
  const key = (path: string) => path.replace(/\/$/, '').split('/')
  return [...all].sort((a, b) => {
    const [left, right] = [key(a), key(b)]
    for (let i = 0; i < Math.min(left.length, right.length); i++)
      if (left[i] !== right[i]) return left[i]! < right[i]! ? -1 : 1
    return left.length - right.length
  })
}

function statOf(path: string, files: Files): FileStat {
  const text = files[path]
  const isDirectory = path.endsWith('/')
  const isLink = text?.startsWith('-> ') ?? false
  return {
    path: path.replace(/\/$/, ''),
    mode: isDirectory ? directoryBit + 0o755 : isLink ? linkBit + 0o777 : 0o644,
    uid: 0,
    gid: 0,
    size: isDirectory || isLink ? 0 : Buffer.byteLength(text ?? ''),
    modTimeNanos: 1_700_000_000_000_000_000n,
    linkName: isLink ? text!.slice(3) : '',
    deviceMajor: 0,
    deviceMinor: 0,
  }
}
