import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode } from '../../base/errors.ts'
import { digestOf } from '../../spec/digest.ts'
import type { BuildClient, DirectoryOptions } from '../../spec/engine-api/solver.ts'
import type { StepProgress } from './progress.ts'
import { DirectoryReceiver } from './receive.ts'

/** Disposing lets the next build have it. */
export interface ReceivedDirectory extends Disposable {
  readonly path: string
}

export interface DirectoryInfo {
  readonly key: string
  readonly path: string
  /** milliseconds since 1970 */
  readonly lastUsed: number
  readonly inUse: boolean
}

const reportMillis = 150

/** Directories of clients, kept so that the next build of the same one is sent only what changed. */
export class ClientDirectories {
  readonly #dir: string
  readonly #inUse = new Set<string>()

  constructor(dir: string) {
    this.#dir = dir
  }

  /** Two builds of the same directory at once have a copy each; the second one is not kept. */
  async receive(
    client: BuildClient,
    name: string,
    options: DirectoryOptions,
    step: StepProgress,
    what: string,
  ): Promise<ReceivedDirectory> {
    mkdirSync(this.#dir, { recursive: true, mode: 0o700 })
    const shape = JSON.stringify([client.sharedKey, name, options.include, options.exclude, options.follow])
    const key = digestOf(shape).slice(7, 31)
    const isKept = client.sharedKey !== '' && !this.#inUse.has(key)
    const place = isKept ? join(this.#dir, key) : mkdtempSync(join(this.#dir, 'once-'))
    if (isKept) this.#inUse.add(key)
    const release = () => {
      if (isKept) this.#inUse.delete(key)
      else rmSync(place, { recursive: true, force: true })
    }
    try {
      await fill(place, client, name, options, step, what)
      return { path: join(place, 'files'), [Symbol.dispose]: release }
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
        inUse: this.#inUse.has(key) || key.startsWith('once-'),
      }
    })
  }

  remove(key: string): void {
    if (!this.#inUse.has(key)) rmSync(join(this.#dir, key), { recursive: true, force: true })
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
  client: BuildClient,
  name: string,
  options: DirectoryOptions,
  step: StepProgress,
  what: string,
): Promise<void> {
  const list = join(place, 'list.json')
  const known = readList(list)
  if (!known) rmSync(place, { recursive: true, force: true })
  mkdirSync(join(place, 'files'), { recursive: true, mode: 0o755 })
  // gone while files change: a crash in between must not leave a list that lies
  rmSync(list, { force: true })
  const receiver = new DirectoryReceiver(join(place, 'files'), known ?? new Map())
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
  writeFileSync(list, JSON.stringify([...receiver.files]), { mode: 0o600 })
}

function readList(path: string): ReadonlyMap<string, string> | undefined {
  try {
    return new Map(JSON.parse(readFileSync(path, 'utf8')) as [string, string][])
  } catch {
    return undefined
  }
}
