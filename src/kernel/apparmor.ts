import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ignoring } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { appArmorProfile, appArmorProfileName } from '../spec/apparmor-profile.ts'

type Run = (program: string, args: readonly string[], input: string) => { readonly status: number | null }

const run: Run = (program, args, input) => spawnSync(program, args, { input, stdio: ['pipe', 'ignore', 'ignore'] })

const text = (path: string): string => ignoring(['ENOENT', 'EACCES'], () => readFileSync(path, 'utf8')) ?? ''

/** Whether this kernel enforces profiles of AppArmor. */
export const hasAppArmor = (sys = '/sys'): boolean =>
  existsSync(join(sys, 'kernel/security/apparmor')) &&
  text(join(sys, 'module/apparmor/parameters/enabled')).startsWith('Y')

/**
 * Sees to it that the profile for containers is loaded; whether containers can have one.
 * The package's copy in /etc/apparmor.d, which an administrator may have changed, is loaded at boot and stays.
 */
export function openAppArmor(log: Log, sys = '/sys', call: Run = run): boolean {
  if (!hasAppArmor(sys)) return false
  const loaded = text(join(sys, 'kernel/security/apparmor/profiles'))
  if (loaded.split('\n').some(line => line.startsWith(`${appArmorProfileName} `))) return true
  if (call('apparmor_parser', ['-Kr'], appArmorProfile).status === 0) return true
  log.warn('AppArmor is on, but its profile for containers could not be loaded: is apparmor_parser installed?')
  return false
}
