import { EngineError } from '../base/errors.ts'
import { appArmorProfileName } from '../spec/apparmor-profile.ts'
import type { HostConfig } from '../spec/engine-api/container.ts'

export interface SecurityOptions {
  readonly noNewPrivileges: boolean | undefined
  /** text of a profile, `unconfined`, or undefined for the default */
  readonly seccomp: string | undefined
  readonly apparmor: string | undefined
  /** undefined: those of privileged containers are */
  readonly writableCgroups: boolean | undefined
}

const invalid = (option: string, step: 1 | 2 = 2) =>
  new EngineError('internal', `invalid --security-opt ${step}: "${option}"`)

/** As Go reads a truth value. */
function boolOf(option: string, value: string): boolean {
  if (/^(1|t|T|true|TRUE|True)$/.test(value)) return true
  if (/^(0|f|F|false|FALSE|False)$/.test(value)) return false
  throw invalid(option)
}

/** The profile of AppArmor for its processes; none where the kernel has no AppArmor. */
export function appArmorOf(host: HostConfig, isPresent: boolean): string | undefined {
  if (!isPresent) return undefined
  return parseSecurityOptions(host).apparmor || (host.Privileged ? 'unconfined' : appArmorProfileName)
}

/**
 * `--security-opt`, taken apart.
 *
 * @throws EngineError `internal` with Docker's text: on the wire these are 500
 */
export function parseSecurityOptions({ SecurityOpt }: HostConfig): SecurityOptions {
  const found: { -readonly [K in keyof SecurityOptions]: SecurityOptions[K] } = {
    noNewPrivileges: undefined,
    seccomp: undefined,
    apparmor: undefined,
    writableCgroups: undefined,
  }
  for (const option of SecurityOpt ?? []) {
    if (option === 'disable') continue // SELinux, which is not there
    if (option === 'no-new-privileges') {
      found.noNewPrivileges = true
      continue
    }
    const [, key, value = ''] = /^([^=]*?)=(.*)$/s.exec(option) ?? /^([^:]*):(.*)$/s.exec(option) ?? []
    if (key === undefined) throw invalid(option, 1)
    if (key === 'no-new-privileges') found.noNewPrivileges = boolOf(option, value)
    else if (key === 'writable-cgroups') found.writableCgroups = boolOf(option, value)
    else if (key === 'seccomp') found.seccomp = value || undefined
    else if (key === 'apparmor') found.apparmor = value
    else if (key !== 'label') throw invalid(option)
  }
  return found
}
