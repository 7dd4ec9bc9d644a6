import type { Duplex, Readable } from 'node:stream'
import { ExitError } from '../errors.ts'
import type { Output } from '../output.ts'
import { watchEscape } from './detach-keys.ts'

/** Splits stdcopy frames onto standard output and standard error. */
export async function copyFrames(source: Readable, out: Output, err: Output): Promise<void> {
  let rest: Uint8Array = Buffer.alloc(0)
  for await (const chunk of source) {
    rest = rest.length ? Buffer.concat([rest, chunk as Uint8Array]) : (chunk as Uint8Array)
    while (rest.length >= 8) {
      const length = new DataView(rest.buffer, rest.byteOffset).getUint32(4)
      if (rest.length < 8 + length) break
      const payload = rest.subarray(8, 8 + length)
      if (rest[0] === 3) throw new Error(`error from daemon in stream: ${Buffer.from(payload).toString()}`)
      if (rest[0]! > 3) throw new Error(`Unrecognized input header: ${rest[0]}`)
      const target = rest[0] === 2 ? err : out
      target.write(payload)
      rest = rest.subarray(8 + length)
    }
  }
}

/** Everything as it comes, from a terminal. */
export async function copyRaw(source: Readable, out: Output): Promise<void> {
  for await (const chunk of source) out.write(chunk as Uint8Array)
}

export class DetachedError extends Error {}

/** Refuses to give a container a terminal that we do not have. */
export function requireTerminal(): void {
  if (!process.stdin.isTTY) throw new ExitError(1, 'the input device is not a TTY')
}

/** Sends what is typed to `target`; end of input ends its writable half. Returns what undoes it. */
export function feedInput(
  target: Duplex,
  onDetach?: { readonly keys: readonly number[]; readonly act: () => void },
): () => void {
  const watch = onDetach && watchEscape(onDetach.keys)
  const take = (chunk: Buffer) => {
    const { isDetached, rest } = watch?.(chunk) ?? { isDetached: false, rest: chunk }
    if (isDetached) return onDetach!.act()
    if (!target.write(rest)) {
      process.stdin.pause()
      target.once('drain', () => process.stdin.resume())
    }
  }
  const end = () => target.end()
  process.stdin.on('data', take)
  process.stdin.on('end', end)
  process.stdin.resume()
  return () => {
    process.stdin.off('data', take)
    process.stdin.off('end', end)
    process.stdin.pause()
  }
}
