import { readFileSync } from 'node:fs'
import { EngineError } from '../base/errors.ts'
import type { HostConfig } from '../spec/engine-api/container.ts'

// In the kernel's order: the index is the capability's number.
const known =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'
    .split(' ')
    .map(name => `CAP_${name}`)

/** What a container may do unless told otherwise. */
const defaults =
  'CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE'
    .split(' ')
    .map(name => `CAP_${name}`)

const ownBounding = BigInt(`0x${/^CapBnd:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]}`)

/** The engine cannot give what it does not have. */
const available = known.filter((_, number) => (ownBounding >> BigInt(number)) & 1n)

/** @throws EngineError `invalid` with Docker's text */
export function canonicalCapability(name: string, field: 'CapAdd' | 'CapDrop'): string {
  const upper = name.toUpperCase()
  if (upper === 'ALL') return 'ALL'
  const full = upper.startsWith('CAP_') ? upper : `CAP_${upper}`
  if (!known.includes(full)) throw new EngineError('invalid', `invalid ${field}: unknown capability: "${full}"`)
  return full
}

/** Capabilities of the container's first process when it is root. */
export function capabilitiesOf({ Privileged, CapAdd, CapDrop }: HostConfig): readonly string[] {
  if (Privileged) return available
  const added = new Set((CapAdd ?? []).map(name => canonicalCapability(name, 'CapAdd')))
  const dropped = new Set((CapDrop ?? []).map(name => canonicalCapability(name, 'CapDrop')))
  const isIn = (name: string) => {
    if (added.has('ALL')) return !dropped.has(name)
    if (dropped.has('ALL')) return added.has(name)
    return (defaults.includes(name) && !dropped.has(name)) || added.has(name)
  }
  return available.filter(isIn)
}

export const allCapabilities = available
