import { EngineError } from '../base/errors.ts'

/** What Go would decode a JSON value into. */
export type Shape =
  | 'string'
  | 'bool'
  | 'int'
  | 'int64'
  | 'time.Duration'
  | 'uint16'
  | { readonly list: Shape }
  | { readonly map: Shape }
  /** a command: words, or one word */
  | 'words'
  | { readonly fields: Readonly<Record<string, Shape>>; readonly type?: string }

const jsonType = (value: unknown): string =>
  Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value

const goType = (shape: Shape): string => {
  if (typeof shape === 'string') return shape === 'words' ? 'string' : shape
  if ('list' in shape) return `[]${goType(shape.list)}`
  return 'map' in shape ? `map[string]${goType(shape.map)}` : (shape.type ?? 'struct')
}

function mismatch(value: unknown, shape: Shape, path: string): never {
  const where = shape === 'words' ? 'value' : `struct field ${path}`
  const text = `json: cannot unmarshal ${jsonType(value)} into Go ${where} of type ${goType(shape)}`
  throw new EngineError('invalid', `invalid JSON: ${text}`)
}

/**
 * Refuses a body that no typed client could have sent, as Go refuses it; unknown fields are let through.
 *
 * @param path of `value` in the body, beginning with the name of Docker's struct
 * @throws EngineError `invalid`
 */
export function checkShape(value: unknown, shape: Shape, path: string): void {
  if (value === null || value === undefined) return
  const fail = (): never => mismatch(value, shape, path)
  if (shape === 'string' || shape === 'bool') {
    if (typeof value !== (shape === 'bool' ? 'boolean' : 'string')) fail()
  } else if (shape === 'words') checkWords(value, fail)
  else if (typeof shape === 'string') checkInteger(value, shape, path)
  else if ('list' in shape) {
    if (!Array.isArray(value)) fail()
    for (const item of value as unknown[]) checkShape(item, shape.list, path)
  } else {
    if (typeof value !== 'object' || Array.isArray(value)) fail()
    for (const [key, item] of Object.entries(value)) {
      const inner = 'map' in shape ? shape.map : shape.fields[key]
      if (inner) checkShape(item, inner, `${path}.${key}`)
    }
  }
}

function checkWords(value: unknown, fail: () => never): void {
  if (typeof value === 'string') return
  if (!Array.isArray(value) || value.some(word => typeof word !== 'string')) fail()
}

function checkInteger(value: unknown, shape: 'int' | 'int64' | 'time.Duration' | 'uint16', path: string): void {
  if (typeof value !== 'number') mismatch(value, shape, path)
  if (Number.isInteger(value) && (shape !== 'uint16' || (value >= 0 && value < 65536))) return
  const text = `json: cannot unmarshal number ${value} into Go struct field ${path} of type ${shape}`
  throw new EngineError('invalid', `invalid JSON: ${text}`)
}
