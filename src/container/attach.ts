import { Duplex, PassThrough } from 'node:stream'
import { EngineError } from '../base/errors.ts'
import type { AttachedStream, AttachOptions } from '../spec/engine-api/engine.ts'
import type { ContainerDeps } from './deps.ts'
import { detachKeysOf, withDetachKeys } from './detach-keys.ts'
import { emitFor } from './events.ts'
import { FrameSplitter } from './frames.ts'
import { readLogs } from './logs/logs.ts'

/** Connects a client to a container's streams: before, while it runs, or to its log afterwards. */
export async function attachContainer(
  deps: ContainerDeps,
  key: string,
  options: AttachOptions,
): Promise<AttachedStream> {
  const keys = detachKeysOf(options.detachKeys)
  const record = deps.store.find(key)
  const { status } = record.state
  if (status === 'paused')
    throw new EngineError('conflict', `container ${key} is paused, unpause the container before attach`)
  if (status === 'restarting')
    throw new EngineError('conflict', `container ${key} is restarting, wait until the container is running`)
  const tty = record.config.Tty ?? false
  emitFor(deps, record, 'attach')
  // without any stream there is nothing to wait for
  if (!options.stdin && !options.stdout && !options.stderr) return { stream: ended(), tty }
  if (!options.stream) {
    const { stdout, stderr, raw = false } = options
    const stream = ended()
    if (options.logs && (stdout || stderr)) await replayLogs(deps, key, { stdout, stderr, raw }, stream)
    return { stream, tty }
  }
  const wanted = {
    stdin: options.stdin && (record.config.OpenStdin ?? false),
    stdout: options.stdout,
    stderr: options.stderr,
  }
  const stream = await deps.runtime.attach({ id: record.id, ...wanted, ...(options.raw && { raw: true }) })
  if (options.logs && (options.stdout || options.stderr)) await replayLogs(deps, key, options, stream)
  if (!tty || !options.stdin) return { stream, tty }
  return { stream: withDetachKeys(stream, keys, () => emitFor(deps, record, 'detach')), tty }
}

/** Says nothing of its own and takes nothing. */
const ended = (): Duplex =>
  Duplex.from({ readable: new PassThrough().end() as never, writable: new PassThrough().resume() as never })

async function replayLogs(
  deps: ContainerDeps,
  key: string,
  { stdout, stderr, raw = false }: Pick<AttachOptions, 'stdout' | 'stderr' | 'raw'>,
  stream: Duplex,
): Promise<void> {
  const { stream: logs, tty } = await readLogs(deps, key, {
    stdout,
    stderr,
    follow: false,
    timestamps: false,
    details: false,
  })
  const chunks: Buffer[] = []
  for await (const chunk of logs as AsyncIterable<Buffer>) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  if (bytes.length) stream.unshift(raw && !tty ? withoutFrames(bytes) : bytes)
}

/** What stdcopy frames hold, one after the other. */
function withoutFrames(bytes: Buffer): Buffer {
  const parts: Buffer[] = []
  new FrameSplitter(payload => parts.push(payload)).push(bytes)
  return Buffer.concat(parts)
}
