import type { Duplex } from 'node:stream'
import type { Output } from '../output.ts'
import { copyFrames, copyRaw, DetachedError, feedInput, parseDetachKeys, rawTerminal } from './stream.ts'

export interface AttachedSession {
  readonly stream: Duplex
  readonly tty: boolean
  readonly stdin: boolean
  readonly detachKeys: string
  readonly out: Output
  readonly err: Output
  readonly resize?: (size: { readonly height: number; readonly width: number }) => Promise<void>
}

/** Tells the size of the window now and whenever it changes. */
export function followSize(resize: NonNullable<AttachedSession['resize']>): Disposable {
  const tell = () => {
    const { columns, rows } = process.stdout
    if (columns && rows) void resize({ height: rows, width: columns }).catch(() => {})
  }
  tell()
  process.on('SIGWINCH', tell)
  return { [Symbol.dispose]: () => void process.off('SIGWINCH', tell) }
}

/**
 * Joins our terminal or pipes to a process until its output ends.
 *
 * @throws DetachedError when the detach keys are typed
 */
export async function joinStreams({ detachKeys, err, out, stdin, stream, tty }: AttachedSession): Promise<void> {
  using _raw = tty && stdin ? rawTerminal() : undefined
  let stop = () => {}
  const detached = new Promise<never>((_, reject) => {
    const act = () => reject(new DetachedError('read escape sequence'))
    const watch = tty && process.stdin.isTTY ? { keys: parseDetachKeys(detachKeys), act } : undefined
    if (stdin) stop = feedInput(stream, watch)
  })
  try {
    await Promise.race([tty ? copyRaw(stream, out) : copyFrames(stream, out, err), detached])
  } finally {
    stop()
    stream.destroy()
  }
}
