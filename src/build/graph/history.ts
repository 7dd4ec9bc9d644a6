import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Database, Table } from '../../base/database.ts'
import { EngineError, hasCode } from '../../base/errors.ts'
import { digestOf, hexOf } from '../../spec/digest.ts'
import type { BuildHistory, BuildRecord } from '../../spec/engine-api/build-history.ts'
import type { SolveProgress, VertexLog } from '../../spec/engine-api/solver.ts'

const kept = 50
/** of output, each build */
const logLimit = 2 << 20

/** The last builds: their records in the database, what they reported in a file each. */
export class LocalBuildHistory implements BuildHistory {
  readonly #records: Table<BuildRecord>
  readonly #dir: string

  constructor(db: Database, dir: string) {
    this.#records = db.table<BuildRecord>('build_history')
    this.#dir = dir
  }

  add(record: BuildRecord, progress: readonly SolveProgress[]): void {
    mkdirSync(this.#dir, { recursive: true, mode: 0o700 })
    writeFileSync(this.#pathOf(record.ref), gzipSync(JSON.stringify(toJson(progress))), { mode: 0o600 })
    this.#records.put(record.ref, record, { durable: false })
    const old = this.list().filter(({ pinned }) => !pinned)
    for (const { ref } of old.slice(kept)) this.remove(ref)
  }

  list(): readonly BuildRecord[] {
    return [...this.#records.values()].sort((a, b) => b.createdAt - a.createdAt)
  }

  progress(ref: string): readonly SolveProgress[] | undefined {
    if (!this.#records.get(ref)) return undefined
    try {
      return fromJson(JSON.parse(gunzipSync(readFileSync(this.#pathOf(ref))).toString()))
    } catch (error) {
      if (hasCode(error, 'ENOENT') || error instanceof SyntaxError || hasCode(error, 'Z_BUF_ERROR')) return []
      throw error
    }
  }

  attachment(digest: string): string | undefined {
    for (const { attachments = [] } of this.#records.values()) {
      const found = attachments.find(each => each.digest === digest)
      if (found) return found.text
    }
    return undefined
  }

  pin(ref: string, pinned: boolean): void {
    this.#records.put(ref, { ...this.#find(ref), pinned }, { durable: false })
  }

  remove(ref: string): void {
    this.#find(ref)
    this.#records.delete(ref, { durable: false })
    rmSync(this.#pathOf(ref), { force: true })
  }

  /** Tidies what a crash left. */
  recover(): void {
    mkdirSync(this.#dir, { recursive: true, mode: 0o700 })
    const known = new Set([...this.#records.values()].map(({ ref }) => this.#pathOf(ref)))
    for (const name of readdirSync(this.#dir))
      if (!known.has(join(this.#dir, name))) rmSync(join(this.#dir, name), { force: true })
  }

  #find(ref: string): BuildRecord {
    const record = this.#records.get(ref)
    if (!record) throw new EngineError('not-found', `build ${ref} not found`)
    return record
  }

  /** The client chooses the reference: it is no name of a file. */
  #pathOf(ref: string): string {
    return join(this.#dir, `${hexOf(digestOf(ref))}.gz`)
  }
}

type JsonLog = Omit<VertexLog, 'msg'> & { readonly msg: string }
type JsonProgress = Omit<SolveProgress, 'logs'> & { readonly logs?: readonly JsonLog[] }

function toJson(progress: readonly SolveProgress[]): readonly JsonProgress[] {
  let size = 0
  const fits = ({ msg }: VertexLog) => (size += msg.length) <= logLimit
  return progress.map(({ logs = [], ...rest }) => ({
    ...rest,
    logs: logs.filter(fits).map(log => ({ ...log, msg: Buffer.from(log.msg).toString('base64') })),
  }))
}

const fromJson = (progress: readonly JsonProgress[]): readonly SolveProgress[] =>
  progress.map(({ logs = [], ...rest }) => ({
    ...rest,
    logs: logs.map(log => ({ ...log, msg: Buffer.from(log.msg, 'base64') })),
  }))
