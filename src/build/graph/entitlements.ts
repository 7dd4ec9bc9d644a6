import { EngineError } from '../../base/errors.ts'

/** What the engine lets clients allow their builds: `builder.Entitlements` of daemon.json. */
export interface Grants {
  readonly networkHost: boolean
  readonly securityInsecure: boolean
  readonly device: boolean
}

/** Docker's. */
export const defaultGrants: Grants = { networkHost: true, securityInsecure: false, device: false }

/** @throws EngineError in BuildKit's words for what the engine does not grant */
export function checkEntitlements(wanted: readonly string[], grants: Grants): void {
  for (const entitlement of wanted) {
    const [name = ''] = entitlement.split('=', 1)
    const granted = {
      'network.host': grants.networkHost,
      'security.insecure': grants.securityInsecure,
      device: grants.device,
    }[name]
    if (granted === undefined) throw new EngineError('invalid', `unknown entitlement ${entitlement}`)
    if (!granted)
      throw new EngineError('invalid', `granting entitlement ${name} is not allowed by build daemon configuration`)
  }
}

/** Whether a client allows a step `entitlement`; `device` alone means every device. */
export const isAllowed = (allowed: readonly string[], entitlement: string): boolean =>
  allowed.some(
    each =>
      each === entitlement ||
      (each === 'device' && entitlement.startsWith('device=')) ||
      each.startsWith(`${entitlement},`),
  )
