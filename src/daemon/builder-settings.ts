import { parseMemorySize } from '../base/size.ts'
import type { Values } from './config.ts'

/** What clients may ask of their builds. */
interface Grants {
  readonly networkHost: boolean
  readonly securityInsecure: boolean
  readonly device: boolean
}

const defaultCacheLimit = 20e9

/** `builder.gc` of daemon.json, by any of the names that it has had. */
export function cacheLimitOf(values: Values): number {
  const { gc } = (values.builder ?? {}) as { gc?: Readonly<Record<string, unknown>> }
  if (gc?.enabled === false) return Number.POSITIVE_INFINITY
  const text = gc?.defaultMaxUsedSpace ?? gc?.defaultReservedSpace ?? gc?.defaultKeepStorage
  return text === undefined ? defaultCacheLimit : (parseMemorySize(String(text)) ?? defaultCacheLimit)
}

/** `builder.Entitlements` of daemon.json, where it says something. */
export function grantsOf(values: Values, usual: Grants): Grants {
  const { Entitlements, entitlements = Entitlements } = (values.builder ?? {}) as Record<
    'Entitlements' | 'entitlements',
    Readonly<Record<string, boolean>> | undefined
  >
  return {
    networkHost: entitlements?.['network-host'] ?? usual.networkHost,
    securityInsecure: entitlements?.['security-insecure'] ?? usual.securityInsecure,
    device: entitlements?.device ?? usual.device,
  }
}
