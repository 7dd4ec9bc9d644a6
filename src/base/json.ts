/** A whole number that a double cannot hold, kept as it was written. */
class BigNumber {
  readonly source: string

  constructor(source: string) {
    this.source = source
  }

  toJSON(): unknown {
    return rawJson(this.source)
  }

  toString(): string {
    return this.source
  }
}

type Reviver = (key: string, value: unknown, context?: { readonly source?: string }) => unknown
const json = JSON as unknown as {
  rawJSON(text: string): unknown
  parse(text: string, reviver?: Reviver): unknown
}
const rawJson = (text: string): unknown => json.rawJSON(text)

const reviver: Reviver = (_key, value, context) =>
  typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
    ? new BigNumber(context!.source!)
    : value

/** JSON whose whole numbers survive however long they are: they print and turn into JSON as they came. */
export function parseJson(text: string): unknown {
  return /\d{16}/.test(text) ? json.parse(text, reviver) : json.parse(text)
}

/** Whether this is a number, perhaps one that a double cannot hold. */
export const isBigNumber = (value: unknown): boolean => value instanceof BigNumber
