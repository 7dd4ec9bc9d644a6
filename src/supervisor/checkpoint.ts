import { existsSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../base/errors.ts'
import type { OciRuntime } from './oci-runtime.ts'
import { criuSettingsFile } from './protocol.ts'
import { closeAll } from './stdio.ts'
import type { TaskRecord } from './task.ts'

/** kept with a checkpoint: what CRIU calls the container's streams in it */
const streamsFile = 'berth-streams.json'

/** The streams of the container lead to FIFOs that it cannot see: CRIU is told not to look for them. */
function streamsOf(pid: number): readonly string[] {
  return [0, 1, 2].map(fd => {
    const info = readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8')
    const mount = Number(/^mnt_id:\s*(\d+)/m.exec(info)?.[1])
    return `file[${mount.toString(16)}:${statSync(`/proc/${pid}/fd/${fd}`).ino.toString(16)}]`
  })
}

/** runc remembers the network namespace by a path that was there for the start only. */
function refreshNetwork(statePath: string, pid: number): void {
  if (!existsSync(statePath)) return
  const state = JSON.parse(readFileSync(statePath, 'utf8')) as RuncState
  const namespaces = state.config?.namespaces?.map(namespace =>
    namespace.type === 'NEWNET' && namespace.path ? { ...namespace, path: `/proc/${pid}/ns/net` } : namespace,
  )
  if (namespaces) writeFileSync(statePath, JSON.stringify({ ...state, config: { ...state.config, namespaces } }))
}

interface RuncState {
  readonly config?: { readonly namespaces?: readonly { readonly type: string; readonly path: string }[] }
}

export interface Saving {
  /** the bundle */
  readonly dir: string
  readonly imagePath: string
  readonly leaveRunning: boolean
}

/** Saves a container with `runc checkpoint`, or crun's where it can. */
export async function saveTask(
  oci: OciRuntime,
  { id, pid, runtime, stdio }: TaskRecord,
  saving: Saving,
): Promise<void> {
  const { dir, imagePath, leaveRunning } = saving
  const streams = stdio.tty ? [] : streamsOf(pid)
  writeFileSync(join(dir, criuSettingsFile), streams.map(name => `external ${name}\n`).join(''))
  writeFileSync(join(imagePath, streamsFile), JSON.stringify(streams))
  if (runtime.kind === 'runc') refreshNetwork(oci.statePath(id), pid)
  const nothing = openSync('/dev/null', 'r+')
  const flags = ['--image-path', imagePath, '--work-path', dir, ...(leaveRunning ? ['--leave-running'] : [])]
  try {
    await oci.run({ runtime, args: ['checkpoint', ...flags, id], dir, stdio: [nothing, nothing, nothing] })
  } catch (cause) {
    throw new Error(`${runtime.kind} did not terminate successfully: exit status 1: ${messageOf(cause)}`, { cause })
  } finally {
    closeAll([nothing])
  }
}

/** The words of a runtime that is to go on from a checkpoint; the new streams take the place of the old ones. */
export function prepareRestore(bundle: string, imagePath: string): readonly string[] {
  const path = join(imagePath, streamsFile)
  const streams = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as readonly string[]) : []
  const lines = streams.map((name, fd) => `external ${name}\ninherit-fd fd[${fd}]:${name}\n`)
  writeFileSync(join(bundle, criuSettingsFile), lines.join(''))
  return ['restore', '--image-path', imagePath, '--work-path', bundle]
}
