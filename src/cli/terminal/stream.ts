import type { Duplex, Readable } from 'node:stream'
import type { Output } from '../output.ts'

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

/** `ctrl-p,ctrl-q` as bytes. */
export const parseDetachKeys = (text: string): readonly number[] =>
  text
    .split(',')
    .map(key => (key.startsWith('ctrl-') ? key.slice(5).toUpperCase().charCodeAt(0) - 64 : key.charCodeAt(0)))

/** Sends what is typed to `target`; end of input ends its writable half. Returns what undoes it. */
export function feedInput(
  target: Duplex,
  onDetach?: { readonly keys: readonly number[]; readonly act: () => void },
): () => void {
  let matched = 0
  const take = (chunk: Buffer) => {
    for (const byte of onDetach ? chunk : []) {
      matched = byte === onDetach!.keys[matched] ? matched + 1 : byte === onDetach!.keys[0] ? 1 : 0
      if (matched === onDetach!.keys.length) return onDetach!.act()
    }
    if (!target.write(chunk)) {
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

/** Raw mode until disposed; the terminal is put back on every way out. */
export function rawTerminal(): Disposable {
  const { stdin } = process
  if (!stdin.isTTY) return { [Symbol.dispose]() {} }
  stdin.setRawMode(true)
  const restore = () => void stdin.setRawMode(false)
  process.on('exit', restore)
  return {
    [Symbol.dispose]() {
      process.off('exit', restore)
      restore()
    },
  }
}
