/** The moment Docker writes for "never". */
export const zeroTime = '0001-01-01T00:00:00Z'

const startedAtNanos = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint()

/** Now, in nanoseconds since 1970: finer than `Date`, and never going back while the process lives. */
export const nowNanos = (): bigint => startedAtNanos + process.hrtime.bigint()

/** RFC 3339 in UTC with nanoseconds, trailing zeros trimmed as Go's RFC3339Nano does. */
export function formatNanos(nanos: bigint): string {
  const seconds = new Date(Number(nanos / 1_000_000_000n) * 1000).toISOString().slice(0, 19)
  const fraction = (nanos % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '')
  return fraction ? `${seconds}.${fraction}Z` : `${seconds}Z`
}

/** The reverse of `formatNanos`; accepts any RFC 3339 moment. */
export function parseNanos(text: string): bigint | undefined {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text)
  const millis = match ? Date.parse(`${match[1]}${match[3]}`) : Number.NaN
  if (!match || Number.isNaN(millis)) return undefined
  return BigInt(millis) * 1_000_000n + BigInt((match[2] ?? '').padEnd(9, '0'))
}
