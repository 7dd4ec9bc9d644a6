import { EngineError } from '../base/errors.ts'
import { checkName } from './local.ts'
import { anonymousLabel, type VolumeRecord } from './record.ts'
import { noSuchVolume, type VolumeStore } from './store.ts'

/**
 * Gives a local volume another name, whether it is in use or not: containers that run keep its files, and their
 * records follow. One without a name of its own has one from now on. After a crash it has the old name or the new.
 */
export async function renameVolume(store: VolumeStore, from: string, to: string): Promise<void> {
  using _containers = await store.containers.hold(from)
  const [first, second] = [from, to].sort()
  using _first = await store.lock(first!)
  using _second = first === second ? undefined : await store.lock(second!)
  const record = store.records.get(from)
  if (!record) throw noSuchVolume(from)
  if (record.driver) throw new EngineError('invalid', `rename ${from}: the driver ${record.driver} cannot rename`)
  checkName(to)
  if (store.records.has(to)) throw new EngineError('conflict', `rename ${from}: there is a volume ${to} already`)
  const renamed = named(record, to)
  store.db.transaction(() => {
    store.records.delete(from)
    store.records.put(to, { ...renamed, movedFrom: from })
    store.containers.rename(from, to, store.local.path(to))
  })
  store.local.move(from, to)
  store.records.put(to, renamed)
  store.moveMounts(from, to)
  store.emit('rename', to, { driver: 'local', oldName: from })
}

function named(record: VolumeRecord, name: string): VolumeRecord {
  const { [anonymousLabel]: mark, ...labels } = record.labels ?? {}
  return { ...record, name, labels: mark === undefined ? record.labels : labels }
}
