/** A kind of integer of Go's. */
export interface IntegerRange {
  readonly min: bigint
  readonly max: bigint
}

export const int64: IntegerRange = { min: -(2n ** 63n), max: 2n ** 63n - 1n }
export const uint16: IntegerRange = { min: 0n, max: 2n ** 16n - 1n }

/** What Go's strconv says of a text that is no such integer; undefined for one that is. Spec: https://pkg.go.dev/strconv */
export function integerProblem(text: string, { min, max }: IntegerRange): string | undefined {
  const pattern = min < 0n ? /^[+-]?\d+$/ : /^\d+$/
  if (!pattern.test(text)) return `parsing ${JSON.stringify(text)}: invalid syntax`
  const value = BigInt(text.replace('+', ''))
  return value < min || value > max ? `parsing ${JSON.stringify(text)}: value out of range` : undefined
}
