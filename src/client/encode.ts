import type { Filters, RegistryAuth } from '../spec/engine-api/engine.ts'

/** Filters as the API wants them in a query; undefined when there are none. */
export function encodeFilters(filters: Filters): string | undefined {
  if (filters.size === 0) return undefined
  const entries = [...filters].sort(([a], [b]) => (a < b ? -1 : 1))
  const object = entries.map(([key, values]) => [key, Object.fromEntries(values.map(value => [value, true]))])
  return JSON.stringify(Object.fromEntries(object))
}

/** The X-Registry-Auth header: base64url of JSON, `{}` when logged out. */
export function encodeAuth(auth: RegistryAuth | undefined): string {
  const plain = {
    ...(auth?.username ? { username: auth.username } : {}),
    ...(auth?.password ? { password: auth.password.reveal() } : {}),
    ...(auth?.serverAddress ? { serveraddress: auth.serverAddress } : {}),
    ...(auth?.identityToken ? { identitytoken: auth.identityToken.reveal() } : {}),
    ...(auth?.registryToken ? { registrytoken: auth.registryToken.reveal() } : {}),
  }
  return base64Url(JSON.stringify(plain))
}

/** base64url with padding, as Go writes it. */
export const base64Url = (text: string): string =>
  Buffer.from(text).toString('base64').replaceAll('+', '-').replaceAll('/', '_')

/** `1` for true, undefined (left out) for false. */
export const flag = (value: boolean | undefined): string | undefined => (value ? '1' : undefined)

/** Nanoseconds since 1970 as `seconds[.nanoseconds]`. */
export function seconds(nanos: bigint | undefined): string | undefined {
  if (nanos === undefined) return undefined
  const fraction = nanos % 1_000_000_000n
  const whole = nanos / 1_000_000_000n
  return fraction === 0n ? `${whole}` : `${whole}.${fraction.toString().padStart(9, '0')}`
}
