import { EngineError } from '../base/errors.ts'

/** What Go would decode a JSON value into; `type` is Go's name of it where that is not plain. */
export type Shape =
  | 'string'
  | 'bool'
  | Integer
  | { readonly text: string }
  | { readonly list: Shape; readonly type?: string }
  | { readonly map: Shape; readonly type?: string }
  /** a command: words, or one word */
  | 'words'
  | { readonly fields: Readonly<Record<string, Shape>>; readonly type?: string }

type Integer = 'int' | 'int64' | 'uint' | 'uint16' | 'uint64' | 'duration' | 'mode'

interface IntegerType {
  readonly goName: string
  readonly min: number
  readonly max: number
}

const signed = (goName: string): IntegerType => ({ goName, min: -(2 ** 63), max: 2 ** 63 - 1 })
const unsigned = (goName: string, bits: number): IntegerType => ({ goName, min: 0, max: 2 ** bits - 1 })

const integers: Readonly<Record<Integer, IntegerType>> = {
  int: signed('int'),
  int64: signed('int64'),
  duration: signed('time.Duration'),
  uint: unsigned('uint', 64),
  uint16: unsigned('uint16', 16),
  uint64: unsigned('uint64', 64),
  mode: unsigned('fs.FileMode', 32),
}

const jsonType = (value: unknown): string =>
  Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value

const goType = (shape: Shape): string => {
  if (typeof shape === 'string')
    return shape === 'words' ? 'string' : shape in integers ? integers[shape as Integer].goName : shape
  if ('text' in shape) return shape.text
  if (shape.type) return shape.type
  if ('list' in shape) return `[]${goType(shape.list)}`
  return 'map' in shape ? `map[string]${goType(shape.map)}` : 'struct {}'
}

/** Where in the body a value stands: the path, and whether its last part is the name of a field. */
interface Place {
  readonly path: string
  readonly isField: boolean
}

function mismatch(value: unknown, shape: Shape, { path, isField }: Place, number = ''): never {
  const where =
    shape === 'words' || (!path.includes('.') && isField) ? 'Go value' : `${isField ? 'Go struct field ' : ''}${path}`
  const text = `json: cannot unmarshal ${jsonType(value)}${number} into ${where} of type ${goType(shape)}`
  throw new EngineError('invalid', `invalid JSON: ${text}`)
}

/**
 * Refuses a body that no typed client could have sent, as Go refuses it; unknown fields are let through.
 *
 * @param path of `value` in the body, beginning with the name of Docker's struct
 * @throws EngineError `invalid`
 */
export function checkShape(value: unknown, shape: Shape, path: string): void {
  check(value, shape, { path, isField: true })
}

function check(value: unknown, shape: Shape, place: Place): void {
  if (value === null || value === undefined) return
  const fail = (): never => mismatch(value, shape, place)
  if (shape === 'bool') {
    if (typeof value !== 'boolean') fail()
  } else if (shape === 'string' || (typeof shape === 'object' && 'text' in shape)) {
    if (typeof value !== 'string') fail()
  } else if (shape === 'words') checkWords(value, fail)
  else if (typeof shape === 'string') checkInteger(value, shape, place)
  else if ('list' in shape) {
    if (!Array.isArray(value)) fail()
    for (const [i, item] of (value as unknown[]).entries())
      check(item, shape.list, { path: `${place.path}.${i}`, isField: false })
  } else {
    if (typeof value !== 'object' || Array.isArray(value)) fail()
    for (const [key, item] of Object.entries(value)) {
      const inner = 'map' in shape ? shape.map : shape.fields[key]
      if (inner) check(item, inner, { path: `${place.path}.${key}`, isField: true })
    }
  }
}

const zeroOf = (shape: Shape): unknown => {
  if (shape === 'string') return ''
  if (typeof shape === 'string') return shape === 'bool' ? false : shape === 'words' ? null : 0
  if ('text' in shape) return ''
  return 'fields' in shape ? {} : null
}

/** A value of this shape as Go reads it: one word is a list of one, items of lists and maps that are null are zero values. */
export function asDecoded(value: unknown, shape: Shape): unknown {
  if (shape === 'words')
    return typeof value === 'string' ? [value] : (value as unknown[] | null)?.map(word => word ?? '')
  if (typeof value !== 'object' || value === null || typeof shape === 'string' || 'text' in shape) return value
  const inside = (item: unknown, inner: Shape) => (item === null ? zeroOf(inner) : asDecoded(item, inner))
  if ('list' in shape) return (value as readonly unknown[]).map(item => inside(item, shape.list))
  const entries = Object.entries(value)
  if ('map' in shape) return Object.fromEntries(entries.map(([key, item]) => [key, inside(item, shape.map)]))
  const fields = entries.map(([key, item]) => [key, shape.fields[key] ? asDecoded(item, shape.fields[key]) : item])
  return Object.fromEntries(fields)
}

function checkWords(value: unknown, fail: () => never): void {
  if (typeof value === 'string') return
  if (!Array.isArray(value) || value.some(word => word !== null && typeof word !== 'string')) fail()
}

function checkInteger(value: unknown, shape: Integer, place: Place): void {
  if (typeof value !== 'number') mismatch(value, shape, place)
  const { min, max } = integers[shape]
  if (!Number.isInteger(value) || value < min || value > max) mismatch(value, shape, place, ` ${value}`)
}
