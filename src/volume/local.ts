import { lookup } from 'node:dns/promises'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { syncDir } from '../base/atomic-file.ts'
import { EngineError, hasCode, messageOf } from '../base/errors.ts'
import { mountWith, splitOptions, unmount } from '../kernel/mount.ts'

type Options = Readonly<Record<string, string>>

const needs: Readonly<Record<string, readonly string[]>> = {
  device: ['type'],
  type: ['device'],
  o: ['device', 'type'],
  size: [],
}

/** @throws EngineError `invalid`, Docker's texts */
export function checkOptions(name: string, options: Options): void {
  const refuse = (why: string) => new EngineError('invalid', `create ${name}: ${why}`)
  for (const key of Object.keys(options)) if (!(key in needs)) throw refuse(`invalid option: "${key}"`)
  if (options.size) throw refuse('quota size requested but no quota support')
  for (const key of Object.keys(options))
    for (const needed of needs[key]!) if (!options[needed]) throw refuse(`missing required option: "${needed}"`)
}

export const isMountedOnUse = (options: Options | null | undefined): boolean => Boolean(options?.device)

/** The files of local volumes, `<dir>/<name>/_data`. */
export class LocalFiles {
  readonly dir: string

  constructor(dir: string) {
    this.dir = dir
    mkdirSync(dir, { recursive: true, mode: 0o701 })
  }

  path(name: string): string {
    return join(this.dir, name, '_data')
  }

  /** The volume's directory is on disk when this returns. */
  make(name: string): void {
    const parent = join(this.dir, name)
    try {
      mkdirSync(this.path(name), { recursive: true })
    } catch (cause) {
      if (!hasCode(cause, 'ENAMETOOLONG')) throw cause
      const text = `error while creating volume root path '${parent}': mkdir ${parent}: file name too long`
      throw new EngineError('internal', `create ${name}: ${text}`, { cause })
    }
    chmodSync(parent, 0o701)
    chmodSync(this.path(name), 0o755)
    syncDir(parent)
    syncDir(this.dir)
  }

  /** After this the name is free, though files may go in the background. */
  remove(name: string): void {
    const grave = join(this.dir, `.removed-${name}-${process.hrtime.bigint()}`)
    try {
      renameSync(join(this.dir, name), grave)
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return
      throw error
    }
    syncDir(this.dir)
    void rm(grave, { recursive: true, force: true }).catch(() => {}) // the next start tries again
  }

  /** Finishes removals and copies that a crash cut off. */
  tidy(): void {
    for (const name of readdirSync(this.dir)) {
      if (name.startsWith('.removed-')) rmSync(join(this.dir, name), { recursive: true, force: true })
      else rmSync(`${this.path(name)}.filling`, { recursive: true, force: true })
    }
  }

  async mount(name: string, options: Options): Promise<void> {
    if (this.isMounted(name)) return
    const { type = '', device = '', o = '' } = options
    const words = await resolveAddress(type, o.split(',').filter(Boolean))
    const target = this.path(name)
    if (!existsSync(target)) mkdirSync(target, { recursive: true })
    try {
      mountWith(words.includes('bind') || words.includes('rbind') ? '' : type, device, target, words)
    } catch (cause) {
      const text = `failed to mount local volume: mount ${device}:${target}${howOf(words)}: ${reason(cause)}`
      throw new EngineError('internal', `error while mounting volume '${target}': ${text}`, { cause })
    }
  }

  unmount(name: string): void {
    if (this.isMounted(name)) unmount(this.path(name), true)
  }

  isMounted(name: string): boolean {
    const path = this.path(name).replace(/[ \t\n\\]/g, char => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`)
    return readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .some(line => line.split(' ')[4] === path)
  }
}

/** As Docker tells the arguments of mount(2). */
function howOf(words: readonly string[]): string {
  const { flags, data } = splitOptions(words)
  return `${flags ? `, flags: 0x${flags.toString(16)}` : ''}${data ? `, data: ${data}` : ''}`
}

const reason = (cause: unknown): string =>
  hasCode(cause, 'ENODEV') ? 'no such device' : messageOf(cause).replace(/^.*: (.*) \(\w+\)$/, '$1')

/** The kernel wants NFS and CIFS servers as numbers. */
async function resolveAddress(type: string, words: readonly string[]): Promise<string[]> {
  const out: string[] = []
  for (const word of words) {
    const host = /^(?:nfs|cifs)/.test(type) && word.startsWith('addr=') ? word.slice(5) : undefined
    out.push(host && !isIP(host) ? `addr=${(await lookup(host)).address}` : word)
  }
  return out
}
