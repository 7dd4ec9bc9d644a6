import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Database, Table } from '../base/database.ts'
import { EngineError, isEngineError, messageOf } from '../base/errors.ts'
import { KeyedMutex } from '../base/keyed-mutex.ts'
import type { Log } from '../base/log.ts'
import type { Filters, PruneReport } from '../spec/engine-api/engine.ts'
import type { Volume, VolumeListResponse } from '../spec/engine-api/volume.ts'
import type { DriverVolume } from './driver.ts'
import { Drivers } from './drivers.ts'
import { LocalDriver } from './local.ts'
import { isMountedOnUse } from './local-options.ts'
import type { PluginDirs } from './plugin/discover.ts'
import { anonymousLabel, driverOf, type VolumeRecord } from './record.ts'
import { listTest, pruneTest } from './select.ts'
import { noContainers, type VolumeContainers, type VolumeRequest } from './volumes.ts'

export interface VolumeDeps {
  readonly db: Database
  /** the engine's data root; volumes live in `<root>/volumes` */
  readonly root: string
  readonly log: Log
  readonly emit: (action: string, name: string, attributes: Readonly<Record<string, string>>) => void
  readonly pluginDirs?: PluginDirs
  /** of the directories of new local volumes */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined
}

/** Prefixes what goes wrong with the verb and the name, as Docker does. */
async function doing<T>(verb: string, name: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body()
  } catch (cause) {
    throw new EngineError(isEngineError(cause) ? cause.kind : 'internal', `${verb} ${name}: ${messageOf(cause)}`, {
      cause,
    })
  }
}

export const noSuchVolume = (name: string): EngineError => new EngineError('not-found', `get ${name}: no such volume`)

/** Records of volumes, who keeps them and who has them mounted. Changes of one volume queue. */
export class VolumeStore {
  readonly records: Table<VolumeRecord>
  readonly drivers: Drivers
  readonly db: Database
  readonly local: LocalDriver
  readonly #deps: VolumeDeps
  readonly #locks = new KeyedMutex()
  /** volume → containers that have it mounted */
  readonly #mounted = new Map<string, Set<string>>()
  containers: VolumeContainers = noContainers

  constructor(deps: VolumeDeps) {
    this.#deps = deps
    this.db = deps.db
    this.records = deps.db.table('volumes')
    this.local = new LocalDriver(join(deps.root, 'volumes'), deps.owner)
    this.drivers = new Drivers(this.local, deps.log, deps.pluginDirs)
  }

  emit(action: string, name: string, attributes: Readonly<Record<string, string>>): void {
    this.#deps.emit(action, name, attributes)
  }

  lock(name: string): Promise<Disposable> {
    return this.#locks.acquire(name)
  }

  async create(request: VolumeRequest): Promise<Volume> {
    const name = request.name || randomBytes(32).toString('hex')
    using _lock = await this.lock(name)
    return (await this.#existing(name, request.driver)) ?? (await this.add(name, request))
  }

  /** The volume of that name, which must be the driver's where one is named. A record that its driver knows no more is forgotten. */
  async #existing(name: string, driver: string | undefined): Promise<Volume | undefined> {
    const record = this.records.get(name)
    if (!record) return undefined
    const volume = await this.find(name)
    if (!volume) {
      this.records.delete(name)
      return undefined
    }
    if (!driver || driverOf(record) === driver) return volume
    const text = `driver '${driverOf(record)}' already has volume '${name}': volume name must be unique`
    throw new EngineError('conflict', `create ${name}: ${text}`)
  }

  /** Makes a volume that is not there, its name locked; durable when it returns. */
  async add(name: string, request: VolumeRequest, more: Partial<VolumeRecord> = {}): Promise<Volume> {
    const driver = await doing('create', name, () => this.drivers.find(request.driver || 'local'))
    const options = Object.keys(request.options ?? {}).length ? request.options! : null
    const isPlugin = driver !== this.local
    // the plugin may have it from elsewhere
    if (!(isPlugin && (await driver.get(name, options))))
      await doing('create', name, () => driver.create(name, options))
    const labels = request.name ? (request.labels ?? null) : { ...request.labels, [anonymousLabel]: '' }
    const created = new Date().toISOString()
    const kept = isPlugin ? { driver: driver.name } : {}
    const record = { name, created, labels, options, ...kept, ...more }
    this.records.put(name, record)
    this.emit('create', name, { driver: driver.name })
    return (await this.find(name)) ?? toVolume(record, { name, path: '' }, driver.scope)
  }

  /** What was added as unfinished is whole from now on. */
  finish(name: string): void {
    const { unfinished: _, ...record } = this.records.get(name)!
    this.records.put(name, record)
  }

  /** Undefined when there is none, or its driver has lost it. */
  async find(name: string): Promise<Volume | undefined> {
    const record = this.records.get(name)
    if (!record) return this.#foreign(name)
    const driver = await this.drivers.find(driverOf(record)).catch(() => undefined)
    const found = await driver?.get(name, record.options)
    return driver && found && toVolume(record, found, driver.scope)
  }

  /** A volume that a plugin has, though nobody here made it. */
  async #foreign(name: string): Promise<Volume | undefined> {
    for (const plugin of await this.drivers.plugins()) {
      const found = await plugin.get(name)
      if (found) return toVolume({ ...foreignRecord(name, plugin.name) }, found, plugin.scope)
    }
    return undefined
  }

  async list(filters: Filters): Promise<VolumeListResponse> {
    const test = listTest(filters, name => this.containers.usersOf(name).length > 0)
    const volumes: Volume[] = []
    for (const record of this.records.values())
      if (!record.driver) volumes.push(toVolume(record, { name: record.name, path: this.local.path(record.name) }))
    const warnings: string[] = []
    for (const plugin of await this.drivers.plugins())
      try {
        for (const found of await plugin.list()) volumes.push(this.#listed(found, plugin))
      } catch (error) {
        warnings.push(`list ${plugin.name}: ${messageOf(error)}`)
      }
    const wanted = volumes.filter(({ Name, Driver, Labels }) =>
      test({ name: Name!, driver: Driver!, labels: Labels ?? null }),
    )
    const sorted = wanted.sort((a, b) => (a.Name! < b.Name! ? -1 : 1))
    return { Volumes: sorted, Warnings: warnings.length ? warnings : null }
  }

  #listed(found: DriverVolume, plugin: { readonly name: string; readonly scope: 'local' | 'global' }): Volume {
    const record = this.records.get(found.name)
    const own = record?.driver === plugin.name ? record : foreignRecord(found.name, plugin.name)
    return toVolume(own, found, plugin.scope)
  }

  async mount(name: string, id: string): Promise<string> {
    using _lock = await this.lock(name)
    const record = this.records.get(name)
    if (!record) throw noSuchVolume(name)
    const driver = await this.drivers.find(driverOf(record))
    const path = await driver.mount(name, id, record.options)
    const users = this.#mounted.get(name) ?? new Set()
    this.#mounted.set(name, users.add(id))
    return path
  }

  async unmount(name: string, id: string): Promise<void> {
    using _lock = await this.lock(name)
    const record = this.records.get(name)
    const users = this.#mounted.get(name)
    users?.delete(id)
    if (!users?.size) this.#mounted.delete(name)
    if (!record) return
    const driver = await this.drivers.find(driverOf(record))
    await driver.unmount(name, id, !users?.size)
  }

  isMounted(name: string): boolean {
    return this.#mounted.has(name)
  }

  /** Whoever has `from` mounted has `to` mounted now. */
  moveMounts(from: string, to: string): void {
    const users = this.#mounted.get(from)
    if (!users) return
    this.#mounted.delete(from)
    this.#mounted.set(to, users)
  }

  async remove(name: string, force: boolean): Promise<void> {
    using _lock = await this.lock(name)
    const record = this.records.get(name) ?? (await this.#foreignRecord(name))
    if (!record) {
      if (force) return
      throw noSuchVolume(name)
    }
    const users = this.containers.usersOf(name)
    if (users.length) throw new EngineError('conflict', `remove ${name}: volume is in use - [${users.join(', ')}]`)
    await doing('remove', name, async () => (await this.drivers.find(driverOf(record))).remove(name)).catch(error => {
      if (!force || !record.driver) throw error // what a plugin cannot remove may at least be forgotten
    })
    this.records.delete(name)
    this.emit('destroy', name, { driver: driverOf(record) })
  }

  async #foreignRecord(name: string): Promise<VolumeRecord | undefined> {
    const found = await this.#foreign(name)
    return found && foreignRecord(name, found.Driver!)
  }

  /** As Docker, which leaves alone what plugins keep. */
  async prune(filters: Filters): Promise<PruneReport> {
    const test = pruneTest(filters)
    const unused = [...this.records.values()].filter(
      ({ name, labels, driver }) => !driver && this.containers.usersOf(name).length === 0 && test(labels),
    )
    let spaceReclaimed = 0
    for (const { name, options } of unused) {
      spaceReclaimed += (await this.local.usage(name, options)) ?? 0
      await this.remove(name, true)
    }
    this.emit('prune', '', { reclaimed: String(spaceReclaimed) })
    return { deleted: unused.map(({ name }) => name), spaceReclaimed }
  }

  async usage(): Promise<Volume[]> {
    const volumes: Volume[] = []
    for (const record of this.records.values()) {
      if (record.driver) continue
      // what is mounted from elsewhere is not this disk's
      const path = this.local.path(record.name)
      const Size = (await this.local.usage(record.name, record.options)) ?? -1
      const RefCount = this.containers.usersOf(record.name).length
      volumes.push({ ...toVolume(record, { name: record.name, path }), UsageData: { Size, RefCount } })
    }
    return volumes
  }

  /** Finishes renames and takes back copies that a crash cut off. */
  #settle(): void {
    for (const { movedFrom, ...record } of [...this.records.values()]) {
      if (movedFrom !== undefined) {
        this.local.move(movedFrom, record.name)
        this.records.put(record.name, record)
      }
      if (!record.unfinished) continue
      void this.local.remove(record.name)
      this.records.delete(record.name)
    }
  }

  recover(users: ReadonlyMap<string, readonly string[]>): void {
    this.#settle()
    this.local.tidy()
    for (const { name, options, driver } of this.records.values()) {
      const ids = users.get(name) ?? []
      if (ids.length) this.#mounted.set(name, new Set(ids))
      else if (!driver && isMountedOnUse(options)) this.local.unmountNow(name)
    }
  }
}

const foreignRecord = (name: string, driver: string): VolumeRecord => ({
  name,
  created: '',
  labels: null,
  options: null,
  driver,
})

function toVolume(record: VolumeRecord, found: DriverVolume, scope: 'local' | 'global' = 'local'): Volume {
  const { name, created, labels, options, snapshotOf } = record
  const status = { ...found.status, ...(snapshotOf ? { 'berth.snapshot-of': snapshotOf } : {}) }
  const CreatedAt = found.created ?? (record.driver ? undefined : created.replace(/\.\d+Z$/, 'Z'))
  return {
    ...(CreatedAt ? { CreatedAt } : {}),
    Driver: driverOf(record),
    Labels: labels,
    Mountpoint: found.path,
    Name: name,
    Options: options,
    Scope: scope,
    ...(Object.keys(status).length ? { Status: status as NonNullable<Volume['Status']> } : {}),
  }
}
