import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config, ContextMeta } from '../config.ts'
import { ExitError } from '../errors.ts'

/** Certificates of a context's endpoint, by file name. */
export type TlsFiles = Readonly<Record<string, Uint8Array>>

export const tlsFileNames = ['ca.pem', 'cert.pem', 'key.pem'] as const

/** Refuses names that could not be a context. */
export function checkContextName(name: string): void {
  if (name === '') throw new ExitError(1, 'context name cannot be empty')
  if (name === 'default') throw new ExitError(1, '"default" is a reserved context name')
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$/.test(name))
    throw new ExitError(
      1,
      `context name ${JSON.stringify(name)} is invalid, names are validated against regexp "^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$"`,
    )
}

/** Contexts as Docker keeps them on disk: one folder for the words, one for certificates. */
export class ContextStore {
  readonly #config: Config

  constructor(config: Config) {
    this.#config = config
  }

  static idOf(name: string): string {
    return createHash('sha256').update(name).digest('hex')
  }

  metaDir = (name: string): string => this.#config.contextDir('meta', name)
  tlsDir = (name: string): string => this.#config.contextDir('tls', name)

  has(name: string): boolean {
    return existsSync(join(this.metaDir(name), 'meta.json'))
  }

  list(): readonly ContextMeta[] {
    const root = join(this.#config.dir, 'contexts/meta')
    if (!existsSync(root)) return []
    return readdirSync(root)
      .map(dir => join(root, dir, 'meta.json'))
      .filter(existsSync)
      .map(file => JSON.parse(readFileSync(file, 'utf8')) as ContextMeta)
      .sort((a, b) => (a.Name < b.Name ? -1 : 1))
  }

  read(name: string): ContextMeta {
    return this.#config.readContext(name)
  }

  tlsFiles(name: string): TlsFiles {
    const dir = join(this.tlsDir(name), 'docker')
    const names = existsSync(dir) ? readdirSync(dir) : []
    return Object.fromEntries(names.map(file => [file, readFileSync(join(dir, file))]))
  }

  write(meta: ContextMeta, tls: TlsFiles | undefined): void {
    mkdirSync(this.metaDir(meta.Name), { recursive: true, mode: 0o755 })
    writeFileSync(join(this.metaDir(meta.Name), 'meta.json'), JSON.stringify(meta), { mode: 0o644 })
    if (!tls) return
    const dir = join(this.tlsDir(meta.Name), 'docker')
    rmSync(dir, { recursive: true, force: true })
    if (Object.keys(tls).length === 0) return
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    for (const [file, bytes] of Object.entries(tls)) writeFileSync(join(dir, file), bytes, { mode: 0o600 })
  }

  remove(name: string): void {
    rmSync(this.metaDir(name), { recursive: true, force: true })
    rmSync(this.tlsDir(name), { recursive: true, force: true })
  }
}
