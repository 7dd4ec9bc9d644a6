import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { EngineError, messageOf } from '../base/errors.ts'
import { cgroupPids } from '../kernel/cgroup.ts'
import type { ContainerTopResponse } from '../spec/engine-api/container.ts'
import { cgroupOf } from './bundle.ts'
import type { ContainerDeps } from './deps.ts'
import { emitFor } from './events.ts'
import { isAlive } from './record.ts'

const run = promisify(execFile)

/** The host's `ps`, cut down to the container's processes. */
export async function topContainer(deps: ContainerDeps, key: string, psArgs: string): Promise<ContainerTopResponse> {
  const record = deps.store.find(key)
  if (record.state.status === 'restarting')
    throw new EngineError('conflict', `Container ${record.id} is restarting, wait until the container is running`)
  if (!isAlive(record)) throw new EngineError('conflict', `container ${record.id} is not running`)
  const pids = new Set(cgroupPids(cgroupOf(deps, record)))
  const stdout = await ps((psArgs || '-ef').split(/\s+/).filter(Boolean), pids)
  const [head = '', ...lines] = stdout.trimEnd().split('\n')
  const titles = head.trim().split(/\s+/)
  const column = titles.indexOf('PID')
  if (column < 0) throw new EngineError('internal', "Couldn't find PID field in ps output")
  const rows = lines.map(line => toRow(line, titles.length)).filter(row => pids.has(Number(row[column])))
  emitFor(deps, record, 'top')
  return { Processes: rows, Titles: titles }
}

/** Some arguments do not go together with a list of processes: then all are asked for. */
async function ps(args: readonly string[], pids: ReadonlySet<number>): Promise<string> {
  try {
    const { stdout } = await run('ps', [...args, `-q${[...pids].join(',')}`]).catch(() => run('ps', args))
    return stdout
  } catch (cause) {
    const { stderr = '' } = cause as { stderr?: string }
    throw new EngineError('internal', `ps: ${stderr.trim().split('\n')[0] || messageOf(cause)}`, { cause })
  }
}

/** The last column takes the rest of the line. */
function toRow(line: string, count: number): readonly string[] {
  const words = line.trim().split(/\s+/)
  return [...words.slice(0, count - 1), words.slice(count - 1).join(' ')]
}
