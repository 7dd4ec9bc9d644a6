import type { RuntimeDevice, RuntimeDeviceRule, RuntimeMount, RuntimeSpec } from '../spec/oci-runtime.ts'
import type { CdiDeviceNode, CdiEdits } from './cdi.ts'
import { describeDevice } from './devices.ts'

/** What the file does not say is as at the host. */
function toDevice(node: CdiDeviceNode): RuntimeDevice {
  const { path, hostPath, type, major, minor, fileMode, uid, gid } = node
  const own = type && major !== undefined && minor !== undefined ? { type, major, minor } : undefined
  const found = own ?? describeDevice(hostPath || path, path)
  return {
    ...found,
    path,
    ...(fileMode !== undefined && { fileMode }),
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
  }
}

const toRule = ({ type, major, minor }: RuntimeDevice, access: string): RuntimeDeviceRule => ({
  allow: true,
  type,
  major,
  minor,
  access,
})

function toMount({ hostPath, containerPath, type, options }: NonNullable<CdiEdits['mounts']>[number]): RuntimeMount {
  return { destination: containerPath, source: hostPath, type: type ?? 'bind', options: options ?? ['rbind'] }
}

function hooksOf(spec: RuntimeSpec, edits: CdiEdits): RuntimeSpec['hooks'] {
  const hooks: Record<string, readonly unknown[]> = { ...spec.hooks }
  for (const { hookName, ...hook } of edits.hooks ?? []) hooks[hookName] = [...(hooks[hookName] ?? []), hook]
  return hooks
}

const keyOf = (entry: string): string => entry.split('=', 1)[0]!

function envOf(env: readonly string[], added: readonly string[]): readonly string[] {
  const merged = new Map(env.map(entry => [keyOf(entry), entry]))
  for (const entry of added) merged.set(keyOf(entry), entry)
  return [...merged.values()]
}

/** `spec` with the edits of a CDI device. */
export function applyCdiEdits(spec: RuntimeSpec, edits: CdiEdits): RuntimeSpec {
  const nodes = edits.deviceNodes ?? []
  const devices = nodes.map(toDevice)
  const rules = devices.map((device, i) => toRule(device, nodes[i]!.permissions || 'rwm'))
  const replaced = new Set(devices.map(({ path }) => path))
  const { process, linux } = spec
  const gids = [...(process.user.additionalGids ?? []), ...(edits.additionalGids ?? [])]
  return {
    ...spec,
    ...(edits.hooks?.length && { hooks: hooksOf(spec, edits)! }),
    process: {
      ...process,
      env: envOf(process.env, edits.env ?? []),
      user: { ...process.user, additionalGids: [...new Set(gids)] },
    },
    mounts: [...spec.mounts, ...(edits.mounts ?? []).map(toMount)],
    linux: {
      ...linux,
      devices: [...(linux.devices ?? []).filter(({ path }) => !replaced.has(path)), ...devices],
      resources: { ...linux.resources, devices: [...(linux.resources.devices ?? []), ...rules] },
    },
  }
}
