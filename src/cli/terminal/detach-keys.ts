const defaultKeys: readonly number[] = [16, 17]

function keyCode(key: string): number | undefined {
  if (key.length === 1) return key.charCodeAt(0)
  const letter = /^ctrl-(.)$/.exec(key)?.[1]
  if (letter === undefined) return undefined
  if (/[a-z]/.test(letter)) return letter.charCodeAt(0) - 96
  return ({ '@': 0, '[': 27, '\\': 28, ']': 29, '^': 30, _: 31 } as Readonly<Record<string, number>>)[letter]
}

/** `ctrl-p,ctrl-q` as bytes; what is no sequence means the usual one. */
export function parseDetachKeys(text: string | undefined): readonly number[] {
  if (!text) return defaultKeys
  const codes = text.split(',').map(keyCode)
  return codes.every(code => code !== undefined) ? codes : defaultKeys
}

/** What is left of typed bytes once a sequence is watched for. */
export interface EscapeWatch {
  readonly rest: Buffer
  readonly isDetached: boolean
}

/** Holds back the beginning of the sequence until it is clear that it is another one. */
export function watchEscape(keys: readonly number[]): (chunk: Uint8Array) => EscapeWatch {
  let held = 0
  return chunk => {
    const rest: number[] = []
    for (const byte of chunk) {
      if (byte === keys[held]) {
        if (++held === keys.length) return { rest: Buffer.from(rest), isDetached: true }
        continue
      }
      rest.push(...keys.slice(0, held))
      held = byte === keys[0] ? 1 : 0
      if (held === 0) rest.push(byte)
    }
    return { rest: Buffer.from(rest), isDetached: false }
  }
}
