import { EngineError } from '../base/errors.ts'
import { appArmorProfileName } from '../spec/apparmor-profile.ts'
import type { HostConfig } from '../spec/engine-api/container.ts'

export interface SecurityOptions {
  readonly noNewPrivileges: boolean | undefined
  /** text of a profile, `unconfined`, or undefined for the default */
  readonly seccomp: string | undefined
  readonly apparmor: string | undefined
}

const invalid = (option: string) => new EngineError('invalid', `invalid --security-opt 2: "${option}"`)

/** The profile of AppArmor for its processes; none where the kernel has no AppArmor. */
export function appArmorOf(host: HostConfig, isPresent: boolean): string | undefined {
  if (!isPresent) return undefined
  return parseSecurityOptions(host).apparmor || (host.Privileged ? 'unconfined' : appArmorProfileName)
}

/**
 * `--security-opt`, taken apart.
 *
 * @throws EngineError `invalid` with Docker's text
 */
export function parseSecurityOptions({ SecurityOpt }: HostConfig): SecurityOptions {
  const found: { -readonly [K in keyof SecurityOptions]: SecurityOptions[K] } = {
    noNewPrivileges: undefined,
    seccomp: undefined,
    apparmor: undefined,
  }
  for (const option of SecurityOpt ?? []) {
    const [, key = option, value] = /^([\w-]+)[=:](.*)$/s.exec(option) ?? []
    if (key === 'no-new-privileges') {
      if (!['true', 'false', undefined].includes(value)) throw invalid(option)
      found.noNewPrivileges = value !== 'false'
    } else if (key === 'seccomp') found.seccomp = value
    else if (key === 'apparmor') found.apparmor = value
    else if (!['label', 'systempaths', 'writable-cgroups'].includes(key)) {
      throw invalid(option)
    }
  }
  return found
}
