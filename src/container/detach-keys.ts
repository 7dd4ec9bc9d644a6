import { Duplex, Transform } from 'node:stream'
import { EngineError } from '../base/errors.ts'

const defaultKeys = [16, 17] // ctrl-p, ctrl-q

function keyCode(name: string): number | undefined {
  if (Buffer.byteLength(name) === 1) return name.charCodeAt(0)
  if (name === 'DEL') return 127
  const match = /^ctrl-([a-z@[\\\]^_])$/.exec(name)
  if (!match) return undefined
  return match[1] === '@' ? 0 : match[1]!.toUpperCase().charCodeAt(0) - 64
}

function parse(text: string | undefined): readonly number[] | undefined {
  if (!text) return defaultKeys
  const codes = text.split(',').map(keyCode)
  return codes.every(code => code !== undefined) ? codes : undefined
}

/** @throws EngineError `invalid` with Docker's text */
export function detachKeysOf(text: string | undefined): readonly number[] {
  const codes = parse(text)
  if (!codes) throw new EngineError('invalid', `Invalid detach keys (${text}) provided`)
  return codes
}

/** The same for an exec. @throws EngineError `internal` (sic) with Docker's text */
export function execDetachKeysOf(text: string | undefined): readonly number[] {
  const codes = parse(text)
  if (!codes) throw new EngineError('internal', `Invalid escape keys (${text}) provided`)
  return codes
}

/** Passes input on until the keys were typed in a row: then `onDetach`, and the end of the stream. */
export function withDetachKeys(stream: Duplex, keys: readonly number[], onDetach: () => void): Duplex {
  let typed = 0
  const watch = new Transform({
    transform(chunk: Buffer, _, done) {
      const out: number[] = []
      for (const byte of chunk) {
        if (byte === keys[typed]) {
          if (++typed === keys.length) {
            onDetach()
            done(null, Buffer.from(out))
            stream.destroy()
            return
          }
          continue
        }
        out.push(...keys.slice(0, typed))
        typed = byte === keys[0] ? 1 : 0
        if (typed === 0) out.push(byte)
      }
      done(null, Buffer.from(out))
    },
  })
  watch.on('error', () => {})
  watch.pipe(stream)
  stream.on('close', () => watch.destroy())
  return Duplex.from({ readable: stream as never, writable: watch as never })
}
