import { renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { syncDir } from '../base/atomic-file.ts'
import { EngineError, hasCode } from '../base/errors.ts'
import type { Volume } from '../spec/engine-api/volume.ts'
import { copyFiles } from './copy-up.ts'
import { isDevice } from './local-options.ts'
import type { VolumeRecord } from './record.ts'
import { noSuchVolume, type VolumeStore } from './store.ts'

export interface CopyOptions {
  readonly name: string
  /** added to those of the source */
  readonly labels?: Readonly<Record<string, string>> | null | undefined
  /** freeze the containers that use it meanwhile, so that no write is cut in two */
  readonly freeze?: boolean | undefined
  /** nobody can change the copy */
  readonly snapshot?: boolean | undefined
}

/**
 * Makes a local volume with the files of another, of whatever driver. File systems that can (btrfs, XFS, bcachefs)
 * share the blocks until one side changes them. The copy is there whole and durable, or not at all.
 */
export async function copyVolume(store: VolumeStore, source: string, options: CopyOptions): Promise<Volume> {
  const { name, labels, freeze, snapshot } = options
  const record = store.records.get(source)
  if (!record) throw noSuchVolume(source)
  using _lock = await store.lock(name)
  if (store.records.has(name)) throw new EngineError('conflict', `create ${name}: there is a volume ${name} already`)
  const request = { name, options: copiedOptions(record), labels: mergeLabels(record, labels) }
  await using undo = new AsyncDisposableStack()
  const volume = await store.add(name, request, {
    unfinished: true,
    ...(snapshot ? { snapshotOf: source } : {}),
  })
  undo.defer(async () => {
    await store.local.remove(name)
    store.records.delete(name)
  })
  await using frozen = new AsyncDisposableStack()
  if (freeze) frozen.use(await store.containers.freeze(source))
  await using mounts = new AsyncDisposableStack()
  const user = `copy-${name}`
  const from = await store.mount(source, user)
  mounts.defer(() => store.unmount(source, user))
  const to = await store.local.mount(name, user, request.options)
  mounts.defer(() => store.local.unmount(name, user, true))
  await fill(from, to)
  store.finish(name)
  undo.move()
  return volume
}

/** Options of where files come from do not hold for files that are here. */
function copiedOptions({ options, driver }: VolumeRecord): Readonly<Record<string, string>> | null {
  return driver || isDevice(options) ? null : options
}

function mergeLabels({ labels }: VolumeRecord, more: CopyOptions['labels']): Readonly<Record<string, string>> | null {
  const merged = { ...labels, ...more }
  delete merged['com.docker.volume.anonymous']
  return Object.keys(merged).length ? merged : null
}

async function fill(from: string, to: string): Promise<void> {
  const target = `${to}.filling`
  try {
    await copyFiles(from, target)
    renameSync(target, to)
    syncDir(dirname(to))
  } catch (error) {
    if (!hasCode(error, 'EBUSY') && !hasCode(error, 'EXDEV')) throw error
    await copyFiles(from, to) // something is mounted there
  } finally {
    rmSync(target, { recursive: true, force: true })
  }
}
