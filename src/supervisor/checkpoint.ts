import { existsSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../base/errors.ts'
import type { OciRuntime } from './oci-runtime.ts'
import { type CheckpointRequest, criuSettingsFile, type StartRequest } from './protocol.ts'
import { closeAll } from './stdio.ts'
import type { TaskRecord } from './task.ts'

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

/**
 * Saves a container with `runc checkpoint`, or crun's where it can.
 *
 * @param dir the bundle
 */
export async function saveTask(
  oci: OciRuntime,
  { id, pid, runtime, stdio }: TaskRecord,
  { imagePath, workPath, leaveRunning }: CheckpointRequest,
  dir: string,
): Promise<void> {
  const streams = stdio.tty ? [] : streamsOf(pid)
  writeFileSync(join(dir, criuSettingsFile), streams.map(name => `external ${name}\n`).join(''))
  if (runtime.kind === 'runc') refreshNetwork(oci.statePath(id), pid)
  const nothing = openSync('/dev/null', 'r+')
  const flags = ['--image-path', imagePath, '--work-path', workPath, ...(leaveRunning ? ['--leave-running'] : [])]
  try {
    await oci.run({ runtime, args: ['checkpoint', ...flags, id], dir, stdio: [nothing, nothing, nothing] })
    nameStreams(imagePath, streams)
  } catch (cause) {
    throw new Error(`${runtime.kind} did not terminate successfully: exit status 1: ${messageOf(cause)}`, { cause })
  } finally {
    closeAll([nothing])
  }
}

/**
 * Runtimes give new streams to a container that goes on where they find pipes in their list of the old ones. Ours were
 * FIFOs, and CRIU has its own name for what it was told not to look for: both get one that says pipe, as long as before.
 */
function nameStreams(imagePath: string, streams: readonly string[]): void {
  const files = join(imagePath, 'files.img')
  if (streams.length === 0 || !existsSync(files)) return
  const names = streams.map(name => name.replace('file[', 'pipe:'))
  let image = readFileSync(files, 'latin1')
  for (const [i, name] of streams.entries()) image = image.replaceAll(name, names[i]!)
  writeFileSync(files, image, 'latin1')
  writeFileSync(join(imagePath, 'descriptors.json'), JSON.stringify(names))
}

/** The words of a runtime that is to go on from a checkpoint. */
export const restoreWords = ({ imagePath, workPath }: NonNullable<StartRequest['checkpoint']>): readonly string[] => [
  'restore',
  '--image-path',
  imagePath,
  '--work-path',
  workPath,
]
