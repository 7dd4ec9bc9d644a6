import { setTimeout as delay } from 'node:timers/promises'
import { formatGoDuration } from '../../base/duration.ts'
import type { ContainerDeps } from '../deps.ts'
import { emitFor } from '../events.ts'
import { newId } from '../names.ts'
import type { ContainerRecord } from '../record.ts'
import { toExecProcess } from './process.ts'

const keptBytes = 4096

async function collect(stream: AsyncIterable<Buffer>, onFull: (text: string) => void): Promise<void> {
  let text = ''
  for await (const chunk of stream) {
    if (text.length <= keptBytes) text += chunk.toString('utf8')
    onFull(text.length > keptBytes ? `${text.slice(0, keptBytes)}...` : text)
  }
}

const exits = new Map<string, (exitCode: number) => void>()

/** Takes the exits of probes; false when `id` is none. */
export function probeEnded(id: string, exitCode: number): boolean {
  const resolve = exits.get(id)
  exits.delete(id)
  resolve?.(exitCode)
  return resolve !== undefined
}

/** Runs a command in the container and gives its exit code and the beginning of its output. */
export async function runProbe(
  deps: ContainerDeps,
  record: ContainerRecord,
  command: readonly string[],
  timeoutSeconds: number,
): Promise<{ readonly ExitCode: number; readonly Output: string }> {
  const id = newId()
  const tell = (action: string, more = {}) => emitFor(deps, record, action, { execID: id, ...more })
  const exit = new Promise<number>(resolve => exits.set(id, resolve))
  void exit.then(exitCode => tell('exec_die', { exitCode: String(exitCode) }))
  tell(`exec_create: ${command.join(' ')}`)
  const stream = await deps.runtime.attach({ id, stdin: false, stdout: true, stderr: true, raw: true })
  let output = ''
  const collected = collect(stream, text => {
    output = text
  }).catch(() => {})
  try {
    await deps.runtime.exec({
      id,
      containerId: record.id,
      process: toExecProcess(deps, record, { Cmd: command }),
      stdio: { tty: false, stdin: false, stdinOnce: false },
    })
    tell(`exec_start: ${command.join(' ')}`)
    const timer = new AbortController()
    const timeout = delay(timeoutSeconds * 1000, undefined, { signal: timer.signal }).catch(() => undefined)
    const exitCode = await Promise.race([exit, timeout])
    timer.abort()
    if (exitCode !== undefined) {
      await collected
      return { ExitCode: exitCode, Output: output }
    }
    await deps.runtime.signal(id, 9).catch(() => {})
    return {
      ExitCode: -1,
      Output: `Health check exceeded timeout (${formatGoDuration(timeoutSeconds)})${output && `: ${output}`}`,
    }
  } finally {
    exits.delete(id)
    stream.destroy()
    await deps.runtime.forget(id).catch(() => {})
  }
}
