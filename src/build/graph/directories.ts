import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode } from '../../base/errors.ts'
import { digestOf } from '../../spec/digest.ts'
import type { BuildClient, DirectoryOptions } from '../../spec/engine-api/solver.ts'
import type { StepProgress } from './progress.ts'
import { DirectoryReceiver, type ReceivedFile } from './receive.ts'

/** Disposing lets the next build have it. */
export interface ReceivedDirectory extends Disposable {
  readonly path: string
  readonly files: ReadonlyMap<string, ReceivedFile>
}

/** What is wanted of a directory. */
export interface Wanted extends DirectoryOptions {
  /** the time that files get instead of the client's */
  readonly seconds?: number | undefined
}

export interface DirectoryInfo {
  readonly key: string
  readonly path: string
  /** milliseconds since 1970 */
  readonly lastUsed: number
  readonly inUse: boolean
  /** the same as long as its files are; undefined while they change */
  readonly version: number | undefined
}

const reportMillis = 150
const listName = 'list.json'
const listLimit = 8

/** Directories of clients, kept so that the next build of the same one is sent only what changed. */
export class ClientDirectories {
  readonly #dir: string
  readonly #inUse = new Set<string>()
  /** what the directories hold that were used last */
  readonly #lists = new Map<string, ReadonlyMap<string, ReceivedFile>>()

  constructor(dir: string) {
    this.#dir = dir
  }

  /** Two builds of the same directory at once have a copy each; the second one is not kept. */
  async receive(
    client: BuildClient,
    name: string,
    options: Wanted,
    step: StepProgress,
    what: string,
  ): Promise<ReceivedDirectory> {
    mkdirSync(this.#dir, { recursive: true, mode: 0o700 })
    const { include, exclude, follow, seconds } = options
    const shape = JSON.stringify([client.sharedKey, name, include, exclude, follow, seconds])
    const key = digestOf(shape).slice(7, 31)
    const isKept = client.sharedKey !== '' && !this.#inUse.has(key)
    const place = isKept ? join(this.#dir, key) : mkdtempSync(join(this.#dir, 'once-'))
    if (isKept) this.#inUse.add(key)
    const release = () => {
      if (isKept) this.#inUse.delete(key)
      else rmSync(place, { recursive: true, force: true })
    }
    try {
      const files = await this.#fill(isKept ? key : undefined, place, client, name, options, step, what)
      return { path: join(place, 'files'), files, [Symbol.dispose]: release }
    } catch (error) {
      release()
      throw error
    }
  }

  list(): readonly DirectoryInfo[] {
    return namesIn(this.#dir).map(key => {
      const path = join(this.#dir, key)
      return {
        key,
        path,
        lastUsed: statSync(path).mtimeMs,
        version: statSync(join(path, listName), { throwIfNoEntry: false })?.mtimeMs,
        inUse: this.#inUse.has(key) || key.startsWith('once-'),
      }
    })
  }

  remove(key: string): void {
    if (this.#inUse.has(key)) return
    this.#lists.delete(key)
    rmSync(join(this.#dir, key), { recursive: true, force: true })
  }

  async #fill(
    key: string | undefined,
    place: string,
    client: BuildClient,
    name: string,
    options: Wanted,
    step: StepProgress,
    what: string,
  ): Promise<ReadonlyMap<string, ReceivedFile>> {
    if (key === undefined) return fill(place, undefined, client, name, options, step, what)
    const known = this.#lists.get(key) ?? readList(join(place, listName))
    this.#lists.delete(key)
    const files = await fill(place, known, client, name, options, step, what)
    this.#lists.set(key, files)
    for (const old of [...this.#lists.keys()].slice(0, -listLimit)) this.#lists.delete(old)
    return files
  }

  recover(): void {
    for (const name of namesIn(this.#dir))
      if (name.startsWith('once-')) rmSync(join(this.#dir, name), { recursive: true, force: true })
  }
}

function namesIn(dir: string): readonly string[] {
  try {
    return readdirSync(dir)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return []
    throw error
  }
}

async function fill(
  place: string,
  known: ReadonlyMap<string, ReceivedFile> | undefined,
  client: BuildClient,
  name: string,
  options: Wanted,
  step: StepProgress,
  what: string,
): Promise<ReadonlyMap<string, ReceivedFile>> {
  const list = join(place, listName)
  if (!known) rmSync(place, { recursive: true, force: true })
  mkdirSync(join(place, 'files'), { recursive: true, mode: 0o755 })
  const receiver = new DirectoryReceiver(join(place, 'files'), known ?? new Map(), options.seconds)
  // gone while files change: a crash in between must not leave a list that lies
  receiver.onChange = () => rmSync(list, { force: true })
  const report = step.status(`transferring ${what}:`, 'transferring')
  const timer = setInterval(() => report(receiver.received), reportMillis)
  try {
    await client.receiveDirectory(name, options, receiver)
    receiver.finish()
    report(receiver.received, 0, true)
  } catch (error) {
    rmSync(place, { recursive: true, force: true })
    throw error
  } finally {
    clearInterval(timer)
    receiver.abandon()
  }
  if (receiver.hasChanged || !known) writeFileSync(list, JSON.stringify([...receiver.files]), { mode: 0o600 })
  else utimesSync(place, new Date(), new Date())
  return receiver.files
}

function readList(path: string): ReadonlyMap<string, ReceivedFile> | undefined {
  try {
    const entries = JSON.parse(readFileSync(path, 'utf8')) as [string, ReceivedFile][]
    return typeof entries[0]?.[1] === 'string' ? undefined : new Map(entries)
  } catch {
    return undefined
  }
}
