/** The moment Docker writes for "never". */
export const zeroTime = '0001-01-01T00:00:00Z'

const millisNanos = 1_000_000n

/**
 * A clock finer than `Date` that follows it: the steady one stands still while the machine sleeps, and the wall's is
 * set now and then. It goes back only with the wall's, by a second or more.
 */
export function createClock(wallMillis: () => number, steadyNanos: () => bigint): () => bigint {
  let offset = BigInt(wallMillis()) * millisNanos - steadyNanos()
  let last = 0n
  return () => {
    const wall = BigInt(wallMillis()) * millisNanos
    let now = offset + steadyNanos()
    if (now < wall - millisNanos || now > wall + 2n * millisNanos) {
      offset += wall - now
      now = wall
    }
    const isSetBack = last - now > 1000n * millisNanos
    last = now > last || isSetBack ? now : last + 1n
    return last
  }
}

/** Now, in nanoseconds since 1970. */
export const nowNanos: () => bigint = createClock(Date.now, process.hrtime.bigint)

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
