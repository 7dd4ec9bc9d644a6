import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Database, Table } from '../base/database.ts'
import { EngineError } from '../base/errors.ts'
import { KeyedMutex } from '../base/keyed-mutex.ts'
import type { Log } from '../base/log.ts'
import type { Filters, PruneReport, VolumeVerbs } from '../spec/engine-api/engine.ts'
import type { Volume } from '../spec/engine-api/volume.ts'
import { checkOptions, isMountedOnUse, LocalFiles } from './local.ts'
import { measure } from './usage.ts'
import type { ContainerVolumes, VolumeRequest } from './volumes.ts'

export interface VolumeDeps {
  readonly db: Database
  /** the engine's data root; volumes live in `<root>/volumes` */
  readonly root: string
  readonly log: Log
  readonly emit: (action: string, name: string, attributes: Readonly<Record<string, string>>) => void
}

interface VolumeRecord {
  readonly name: string
  readonly created: string
  readonly labels: Readonly<Record<string, string>> | null
  readonly options: Readonly<Record<string, string>> | null
}

export interface Volumes {
  readonly containers: ContainerVolumes
  readonly verbs: VolumeVerbs
  /** With sizes and reference counts, for `df`; walks in the background. */
  usage(): Promise<readonly Volume[]>
  /** @param users volume name → ids of running containers that have it mounted */
  recover(users: ReadonlyMap<string, readonly string[]>): void
}

export const anonymousLabel = 'com.docker.volume.anonymous'

export function openVolumes(deps: VolumeDeps): Volumes {
  const store = new VolumeStore(deps)
  return {
    containers: {
      create: request => store.create(request),
      get: name => store.get(name),
      mount: (name, id) => store.mount(name, id),
      unmount: (name, id) => store.unmount(name, id),
      announce: (action, name, attributes) => deps.emit(action, name, attributes),
      remove: (name, force = false) => store.remove(name, force),
      useReferences: references => store.useReferences(references),
    },
    verbs: {
      create: ({ Name, Driver, DriverOpts, Labels }) =>
        store.create({ name: Name, driver: Driver, options: DriverOpts, labels: Labels }),
      list: async filters => ({ Volumes: store.list(filters), Warnings: null as unknown as string[] }),
      inspect: async name => {
        const volume = store.get(name)
        if (!volume) throw new EngineError('not-found', `get ${name}: no such volume`)
        return volume
      },
      remove: (name, force) => store.remove(name, force),
      prune: filters => store.prune(filters),
    },
    usage: () => store.usage(),
    recover: users => store.recover(users),
  }
}

class VolumeStore {
  readonly #records: Table<VolumeRecord>
  readonly #files: LocalFiles
  readonly #deps: VolumeDeps
  readonly #locks = new KeyedMutex()
  /** volume → containers that have it mounted */
  readonly #mounted = new Map<string, Set<string>>()
  #references: (name: string) => readonly string[] = () => []

  constructor(deps: VolumeDeps) {
    this.#deps = deps
    this.#records = deps.db.table('volumes')
    this.#files = new LocalFiles(join(deps.root, 'volumes'))
  }

  useReferences(references: (name: string) => readonly string[]): void {
    this.#references = references
  }

  async create(request: VolumeRequest): Promise<Volume> {
    const name = request.name || randomBytes(32).toString('hex')
    using _lock = await this.#locks.acquire(name)
    const existing = this.get(name)
    if (existing) return existing
    checkName(name)
    const driver = request.driver || 'local'
    if (driver !== 'local')
      throw new EngineError(
        'not-found',
        `create ${name}: error looking up volume plugin ${driver}: plugin "${driver}" not found`,
      )
    checkOptions(name, request.options ?? {})
    const labels = request.name ? request.labels : { ...request.labels, [anonymousLabel]: '' }
    this.#files.make(name)
    const options = Object.keys(request.options ?? {}).length ? request.options! : null
    this.#records.put(name, { name, created: new Date().toISOString(), labels: labels ?? null, options })
    this.#deps.emit('create', name, { driver })
    return this.get(name)!
  }

  get(name: string): Volume | undefined {
    const record = this.#records.get(name)
    return record && this.#toVolume(record)
  }

  #toVolume({ name, created, labels, options }: VolumeRecord): Volume {
    return {
      CreatedAt: created.replace(/\.\d+Z$/, 'Z'),
      Driver: 'local',
      Labels: labels as NonNullable<typeof labels>, // null on the wire, as in Go
      Mountpoint: this.#files.path(name),
      Name: name,
      Options: options as NonNullable<typeof options>,
      Scope: 'local',
    }
  }

  list(filters: Filters): Volume[] {
    for (const key of filters.keys())
      if (!['dangling', 'name', 'driver', 'label'].includes(key))
        throw new EngineError('invalid', `invalid filter '${key}'`)
    const [dangling] = filters.get('dangling') ?? []
    if (dangling !== undefined && !/^(true|1|false|0)$/.test(dangling))
      throw new EngineError('invalid', `invalid filter 'dangling=[${dangling}]'`)
    const wantsDangling = dangling === undefined ? undefined : dangling === 'true' || dangling === '1'
    const some = (key: string, test: (value: string) => boolean) => filters.get(key)?.some(test) ?? true
    return [...this.#records.values()]
      .filter(({ name }) => wantsDangling === undefined || (this.#references(name).length === 0) === wantsDangling)
      .filter(({ name }) => some('name', value => name.includes(value)) && some('driver', value => value === 'local'))
      .filter(({ labels }) => (filters.get('label') ?? []).every(wish => hasLabel(labels, wish)))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(record => this.#toVolume(record))
  }

  async mount(name: string, containerId: string): Promise<string> {
    using _lock = await this.#locks.acquire(name)
    const record = this.#records.get(name)
    if (!record) throw new EngineError('not-found', `get ${name}: no such volume`)
    if (isMountedOnUse(record.options)) await this.#files.mount(name, record.options!)
    const users = this.#mounted.get(name) ?? new Set()
    this.#mounted.set(name, users.add(containerId))
    return this.#files.path(name)
  }

  async unmount(name: string, containerId: string): Promise<void> {
    using _lock = await this.#locks.acquire(name)
    const users = this.#mounted.get(name)
    users?.delete(containerId)
    if (users?.size) return
    this.#mounted.delete(name)
    if (isMountedOnUse(this.#records.get(name)?.options)) this.#files.unmount(name)
  }

  async remove(name: string, force: boolean): Promise<void> {
    using _lock = await this.#locks.acquire(name)
    if (!this.#records.has(name)) {
      if (force) return
      throw new EngineError('not-found', `get ${name}: no such volume`)
    }
    const users = this.#references(name)
    if (users.length) throw new EngineError('conflict', `remove ${name}: volume is in use - [${users.join(', ')}]`)
    this.#files.unmount(name)
    this.#files.remove(name)
    this.#records.delete(name)
    this.#deps.emit('destroy', name, { driver: 'local' })
  }

  async prune(filters: Filters): Promise<PruneReport> {
    for (const key of filters.keys())
      if (!['label', 'label!', 'all'].includes(key)) throw new EngineError('invalid', `invalid filter '${key}'`)
    const all = /^(true|1)$/.test(filters.get('all')?.[0] ?? '')
    const unused = [...this.#records.values()].filter(
      ({ name, labels }) =>
        this.#references(name).length === 0 &&
        (all || (labels !== null && anonymousLabel in labels)) &&
        (filters.get('label') ?? []).every(wish => hasLabel(labels, wish)) &&
        !(filters.get('label!') ?? []).some(wish => hasLabel(labels, wish)),
    )
    let spaceReclaimed = 0
    for (const { name, options } of unused) {
      if (!isMountedOnUse(options)) spaceReclaimed += await measure(this.#files.path(name))
      await this.remove(name, true)
    }
    this.#deps.emit('prune', '', { reclaimed: String(spaceReclaimed) })
    return { deleted: unused.map(({ name }) => name), spaceReclaimed }
  }

  async usage(): Promise<Volume[]> {
    const volumes: Volume[] = []
    for (const record of this.#records.values()) {
      // what is mounted from elsewhere is not this disk's
      const Size = record.options ? -1 : await measure(this.#files.path(record.name))
      volumes.push({ ...this.#toVolume(record), UsageData: { Size, RefCount: this.#references(record.name).length } })
    }
    return volumes
  }

  recover(users: ReadonlyMap<string, readonly string[]>): void {
    this.#files.tidy()
    for (const { name, options } of this.#records.values()) {
      const ids = users.get(name) ?? []
      if (ids.length) this.#mounted.set(name, new Set(ids))
      else if (isMountedOnUse(options)) this.#files.unmount(name)
    }
  }
}

function checkName(name: string): void {
  if (name.length < 2)
    throw new EngineError(
      'invalid',
      `create ${name}: volume name is too short, names should be at least two alphanumeric characters`,
    )
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) {
    const why = `"${name}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed`
    throw new EngineError(
      'invalid',
      `create ${name}: ${why}. If you intended to pass a host directory, use absolute path`,
    )
  }
}

function hasLabel(labels: Readonly<Record<string, string>> | null, wish: string): boolean {
  const at = wish.indexOf('=')
  if (!labels) return false
  return at < 0 ? wish in labels : labels[wish.slice(0, at)] === wish.slice(at + 1)
}
