import { watch } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { EngineError } from '../../base/errors.ts'
import { parseNanos } from '../../base/time.ts'
import type { LogsOptions } from '../../spec/engine-api/engine.ts'
import type { ContainerDeps } from '../deps.ts'
import { keepsLog } from '../log-settings.ts'
import { isAlive } from '../record.ts'
import { logPath } from '../rootfs.ts'
import { encodeEntries, type LogEntry, parseEntries } from './entry.ts'
import { openLog, readLines, startPositions } from './log-file.ts'
import { since } from './since.ts'

const pollMillis = 1000

/** `docker logs`. */
export async function readLogs(
  deps: ContainerDeps,
  key: string,
  options: LogsOptions,
): Promise<{ readonly stream: Readable; readonly tty: boolean }> {
  if (!options.stdout && !options.stderr)
    throw new EngineError('invalid', 'Bad parameters: you must choose at least one stream')
  const record = deps.store.find(key)
  const { status } = record.state
  if (status === 'dead' || status === 'removing') {
    throw new EngineError('conflict', 'can not get logs from container which is dead or marked for removal')
  }
  if (!keepsLog(record)) {
    throw new EngineError('not-implemented', 'configured logging driver does not support reading')
  }
  const tty = record.config.Tty ?? false
  return {
    stream: Readable.from(encode(deps, record.id, options, tty), { objectMode: false, highWaterMark: 1 << 18 }),
    tty,
  }
}

async function* encode(deps: ContainerDeps, id: string, options: LogsOptions, tty: boolean): AsyncGenerator<Buffer> {
  const { since: from, until } = options
  const isTimed = from !== undefined || until !== undefined
  for await (const entries of entriesOf(deps, id, options)) {
    const times = isTimed ? entries.map(({ time }) => parseNanos(time) ?? 0n) : []
    const end = until === undefined ? -1 : times.findIndex(time => time > until)
    const wanted = entries
      .slice(0, end < 0 ? undefined : end)
      .filter(({ stream }, i) => options[stream] && (from === undefined || times[i]! >= from))
    if (wanted.length > 0) yield encodeEntries(wanted, { ...options, tty })
    if (end >= 0) return
  }
}

/** Entries from where the reader wants to begin; with `follow`, on and on until the container's process ends. */
async function* entriesOf(
  deps: ContainerDeps,
  id: string,
  { tail, follow, signal, until, since: from }: LogsOptions,
): AsyncGenerator<readonly LogEntry[]> {
  const path = logPath(deps, deps.store.find(id))
  const run = runOf(deps, id)
  const positions = await since(await startPositions(path, tail), from)
  const current = positions.at(-1)
  for (const position of positions.slice(0, -1)) {
    await using file = await openLog(position.path)
    for await (const lines of readLines(file, position.offset, () => {})) yield parseEntries(lines)
  }
  let file: FileHandle | undefined = await open(path).catch(() => undefined)
  if (!file) return
  try {
    let offset = current ? current.offset : (await file.stat()).size
    for (;;) {
      const isLast = run === undefined || runOf(deps, id) !== run
      for await (const lines of readLines(file, offset, end => void (offset = end))) yield parseEntries(lines)
      if (!follow || isLast || signal?.aborted) return
      if (until !== undefined && BigInt(Date.now()) * 1_000_000n > until) return
      await changed(deps, id, path, signal)
      const next = await open(path).catch(() => undefined)
      const [before, after] = [(await file.stat()).ino, (await next?.stat())?.ino]
      if (next && before !== after) {
        for await (const lines of readLines(file, offset, () => {})) yield parseEntries(lines)
        await file.close()
        file = next
        offset = 0
      } else await next?.close()
    }
  } finally {
    await file.close()
  }
}

/** Tells one run of a container from the next; undefined when it does not run. A follower leaves with the run it came in. */
function runOf(deps: ContainerDeps, id: string): string | undefined {
  const record = deps.store.get(id)
  return record && isAlive(record) ? record.state.startedAt : undefined
}

/** Waits until there may be something new to read. */
function changed(deps: ContainerDeps, id: string, path: string, signal: AbortSignal | undefined): Promise<void> {
  return new Promise(resolve => {
    const leave = new AbortController()
    const watcher = watch(dirname(path))
    const timer = setTimeout(done, pollMillis)
    function done() {
      clearTimeout(timer)
      watcher.close()
      signal?.removeEventListener('abort', done)
      leave.abort()
      resolve()
    }
    watcher.on('change', done)
    watcher.on('error', done)
    signal?.addEventListener('abort', done, { once: true })
    deps.lifecycle.next('exit', id, leave.signal).then(done, () => {})
  })
}
