import { lstatSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError } from '../base/errors.ts'
import type { HostConfig } from '../spec/engine-api/container.ts'
import type { RuntimeDevice, RuntimeDeviceRule } from '../spec/oci-runtime.ts'
import { type CdiEdits, findCdiEdits } from './cdi.ts'
import type { ContainerRecord } from './record.ts'

const typeMask = 0o170000
const characterDevice = 0o020000
const blockDevice = 0o060000

const majorOf = (rdev: number): number => ((rdev >> 8) & 0xfff) | (Math.floor(rdev / 2 ** 32) & ~0xfff)
const minorOf = (rdev: number): number => (rdev & 0xff) | ((rdev >> 12) & ~0xff)

function toDevice(hostPath: string, path: string): RuntimeDevice | undefined {
  const { mode, rdev, uid, gid } = statSync(hostPath)
  const kind = mode & typeMask
  if (kind !== characterDevice && kind !== blockDevice) return undefined
  return {
    path,
    type: kind === characterDevice ? 'c' : 'b',
    major: majorOf(rdev),
    minor: minorOf(rdev),
    fileMode: mode & 0o7777,
    uid,
    gid,
  }
}

/** A device, or every device below a directory. */
function collect(hostPath: string, path: string): readonly RuntimeDevice[] {
  if (!statSync(hostPath).isDirectory()) {
    const device = toDevice(hostPath, path)
    return device ? [device] : []
  }
  return readdirSync(hostPath).flatMap(name => {
    const child = join(hostPath, name)
    const isSkipped = lstatSync(child).isSymbolicLink() || /^(pts|shm|fd|mqueue|console|\.lxc.*)$/.test(name)
    return isSkipped ? [] : collect(child, join(path, name))
  })
}

const ruleOf = ({ type, major, minor }: RuntimeDevice, access: string): RuntimeDeviceRule => ({
  allow: true,
  type,
  major,
  minor,
  access,
})

const standardRules: readonly RuntimeDeviceRule[] = [
  { allow: false, access: 'rwm' },
  ...(
    [
      [1, 5],
      [1, 3],
      [1, 9],
      [1, 8],
      [5, 0],
      [5, 1],
    ] as const
  ).map(([major, minor]) => ({ allow: true, type: 'c', major, minor, access: 'rwm' })),
  { allow: false, type: 'c', major: 10, minor: 229, access: 'rwm' },
  // runc allows tun and tap to everybody, and VPNs in containers count on it; making the node takes CAP_MKNOD
  { allow: true, type: 'c', major: 10, minor: 200, access: 'rwm' },
]

/** `c 42:* rmw` */
function parseRule(text: string): RuntimeDeviceRule {
  const match = /^([acb]) (\d+|\*):(\d+|\*) ([rwm]{1,3})$/.exec(text)
  if (!match) throw new EngineError('invalid', `invalid device cgroup rule format: '${text}'`)
  const [, type, major, minor, access] = match as unknown as [string, string, string, string, string]
  // crun takes no -1 for all
  const numbers = { ...(major !== '*' && { major: Number(major) }), ...(minor !== '*' && { minor: Number(minor) }) }
  return { allow: true, type, ...numbers, access }
}

/** Device nodes and control group rules of a container. */
export function devicesOf(host: HostConfig): {
  readonly devices: readonly RuntimeDevice[]
  readonly rules: readonly RuntimeDeviceRule[]
} {
  if (host.Privileged) return { devices: collect('/dev', '/dev'), rules: [{ allow: true, access: 'rwm' }] }
  const added = (host.Devices ?? []).map(({ PathOnHost = '', PathInContainer = '', CgroupPermissions = 'rwm' }) => {
    const refuse = (why: string, cause?: unknown) =>
      new EngineError(
        'internal',
        `error gathering device information while adding custom device "${PathOnHost}": ${why}`,
        { cause },
      )
    try {
      const devices = collect(PathOnHost, PathInContainer || PathOnHost)
      if (devices.length > 0 || statSync(PathOnHost).isDirectory())
        return { access: CgroupPermissions || 'rwm', devices }
    } catch (cause) {
      throw refuse('no such file or directory', cause)
    }
    throw refuse('not a device node')
  })
  return {
    devices: added.flatMap(({ devices }) => devices),
    rules: [
      ...standardRules,
      ...added.flatMap(({ access, devices }) => devices.map(device => ruleOf(device, access))),
      ...(host.DeviceCgroupRules ?? []).map(parseRule),
    ],
  }
}

/** A device node at the host as a container is to have it. @throws EngineError with Docker's text */
export function describeDevice(hostPath: string, path: string): RuntimeDevice {
  const device = toDevice(hostPath, path)
  if (!device) throw new EngineError('internal', `CDI device injection failed: ${hostPath}: not a device node`)
  return device
}

/**
 * What CDI's files say of the devices that a container asks for; no other driver is there.
 *
 * @throws EngineError with Docker's text
 */
export function requestedEdits({ hostConfig }: ContainerRecord, cdiDirs: readonly string[]): readonly CdiEdits[] {
  return (hostConfig.DeviceRequests ?? []).flatMap(({ Driver = '', Capabilities, DeviceIDs }) => {
    if (Driver !== 'cdi') {
      const capabilities = (Capabilities ?? []).map(set => `[${set.join(' ')}]`).join(' ')
      throw new EngineError(
        'internal',
        `could not select device driver ${JSON.stringify(Driver)} with capabilities: [${capabilities}]`,
      )
    }
    const { edits, missing } = findCdiEdits(cdiDirs, DeviceIDs ?? [])
    if (missing.length)
      throw new EngineError('internal', `CDI device injection failed: unresolvable CDI devices ${missing.join(', ')}`)
    return edits
  })
}
