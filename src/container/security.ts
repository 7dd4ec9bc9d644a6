import { EngineError } from '../base/errors.ts'
import { appArmorProfileName } from '../spec/apparmor-profile.ts'
import type { HostConfig } from '../spec/engine-api/container.ts'

export interface SecurityOptions {
  readonly noNewPrivileges: boolean | undefined
  /** text of a profile, `unconfined`, or undefined for the default */
  readonly seccomp: string | undefined
  readonly apparmor: string | undefined
}

/** Two ways to be wrong, which Docker numbers: no value, or one that nobody knows. */
const invalid = (option: string) =>
  new EngineError('internal', `invalid --security-opt ${/[=:]/.test(option) ? 2 : 1}: "${option}"`)

/** The profile of AppArmor for its processes; none where the kernel has no AppArmor. */
export function appArmorOf(host: HostConfig, isPresent: boolean): string | undefined {
  if (!isPresent) return undefined
  return parseSecurityOptions(host).apparmor || (host.Privileged ? 'unconfined' : appArmorProfileName)
}

function toBool(text: string, option: string): boolean {
  if (!/^(1|0|t|f|T|F|true|false|TRUE|FALSE|True|False)$/.test(text)) throw invalid(option)
  return /^[1tT]/.test(text)
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
    if (key === 'no-new-privileges') found.noNewPrivileges = value === undefined || toBool(value, option)
    else if (value === undefined && option !== 'disable') throw invalid(option)
    else if (key === 'seccomp') found.seccomp = value
    else if (key === 'apparmor') found.apparmor = value
    else if (!['label', 'disable', 'writable-cgroups'].includes(key) && option !== 'systempaths=unconfined')
      throw invalid(option)
  }
  return found
}
