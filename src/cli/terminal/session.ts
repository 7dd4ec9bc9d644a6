import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { Output } from '../output.ts'
import { parseDetachKeys } from './detach-keys.ts'
import { rawTerminal } from './raw.ts'
import { copyFrames, copyRaw, DetachedError, feedInput } from './stream.ts'

export interface AttachedSession {
  readonly stream: Duplex
  readonly tty: boolean
  readonly stdin: boolean
  readonly detachKeys: string | undefined
  readonly out: Output
  readonly err: Output
}

type Resize = (size: { readonly height: number; readonly width: number }) => Promise<void>

/** Tells the size of the window now and whenever it changes; `nudge` makes programs redraw that see no change. */
export function followSize(resize: Resize, { nudge = false } = {}): Disposable {
  const size = (more = 0) => ({
    height: (process.stdout.rows ?? 0) + more,
    width: (process.stdout.columns ?? 0) + more,
  })
  const tell = async (tries: number): Promise<void> => {
    if (size().height === 0 && size().width === 0) return
    try {
      if (nudge) await resize(size(1))
      await resize(size())
    } catch {
      if (tries <= 1) return
      await delay(10)
      return tell(tries - 1)
    }
  }
  const changed = () => void resize(size()).catch(() => {})
  void tell(10)
  process.stdout.on('resize', changed)
  return { [Symbol.dispose]: () => void process.stdout.off('resize', changed) }
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
    const watch = tty ? { keys: parseDetachKeys(detachKeys), act } : undefined
    if (stdin) stop = feedInput(stream, watch)
  })
  try {
    await Promise.race([tty ? copyRaw(stream, out) : copyFrames(stream, out, err), detached])
  } finally {
    stop()
    stream.destroy()
  }
}
