import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { hasCode } from '../base/errors.ts'

export interface CdiDeviceNode {
  readonly path: string
  readonly hostPath?: string
  readonly type?: string
  readonly major?: number
  readonly minor?: number
  readonly fileMode?: number
  readonly permissions?: string
  readonly uid?: number
  readonly gid?: number
}

/** What a device changes of a container: https://github.com/cncf-tags/container-device-interface/blob/main/SPEC.md */
export interface CdiEdits {
  readonly env?: readonly string[]
  readonly deviceNodes?: readonly CdiDeviceNode[]
  readonly mounts?: readonly {
    readonly hostPath: string
    readonly containerPath: string
    readonly type?: string
    readonly options?: readonly string[]
  }[]
  readonly hooks?: readonly {
    readonly hookName: string
    readonly path: string
    readonly args?: readonly string[]
    readonly env?: readonly string[]
    readonly timeout?: number
  }[]
  readonly additionalGids?: readonly number[]
}

interface CdiSpec {
  readonly kind: string
  readonly devices: readonly { readonly name: string; readonly containerEdits: CdiEdits }[]
  readonly containerEdits?: CdiEdits
}

interface CdiDevice {
  readonly spec: CdiSpec
  readonly edits: CdiEdits
}

export const defaultCdiDirs: readonly string[] = ['/etc/cdi', '/var/run/cdi']

const isSpec = (value: unknown): value is CdiSpec => {
  const { cdiVersion, kind, devices } = (value ?? {}) as Record<string, unknown>
  return typeof cdiVersion === 'string' && typeof kind === 'string' && Array.isArray(devices)
}

/** What is broken describes no devices: https://pkg.go.dev/tags.cncf.io/container-device-interface keeps quiet, too. */
function readSpec(path: string): CdiSpec | undefined {
  try {
    const text = readFileSync(path, 'utf8')
    const value: unknown = path.endsWith('.json') ? JSON.parse(text) : parse(text)
    return isSpec(value) ? value : undefined
  } catch {
    return undefined
  }
}

function filesOf(dir: string): readonly string[] {
  try {
    const names = readdirSync(dir).filter(name => /\.(json|yaml)$/.test(name))
    return names.map(name => join(dir, name)).filter(path => statSync(path, { throwIfNoEntry: false })?.isFile())
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR') || hasCode(error, 'EACCES')) return []
    throw error
  }
}

/** Devices by their full names. Later directories win; what two files of one directory name is nobody's. */
export function readCdiDevices(dirs: readonly string[]): ReadonlyMap<string, CdiDevice> {
  const all = new Map<string, CdiDevice>()
  for (const dir of dirs) {
    const own = new Map<string, CdiDevice | undefined>()
    for (const spec of filesOf(dir).flatMap(path => readSpec(path) ?? []))
      for (const { name, containerEdits } of spec.devices) {
        const full = `${spec.kind}=${name}`
        own.set(full, own.has(full) ? undefined : { spec, edits: containerEdits ?? {} })
      }
    for (const [name, device] of own) {
      if (device) all.set(name, device)
      else all.delete(name)
    }
  }
  return all
}

export const cdiDeviceNames = (dirs: readonly string[]): readonly string[] => [...readCdiDevices(dirs).keys()].sort()

/** The edits of `names` in order, those common to a file before the first of its devices. */
export function findCdiEdits(
  dirs: readonly string[],
  names: readonly string[],
): { readonly edits: readonly CdiEdits[]; readonly missing: readonly string[] } {
  const devices = readCdiDevices(dirs)
  const seen = new Set<CdiSpec>()
  const edits = names.flatMap(name => {
    const device = devices.get(name)
    if (!device) return []
    const common = seen.has(device.spec) ? [] : [device.spec.containerEdits ?? {}]
    seen.add(device.spec)
    return [...common, device.edits]
  })
  return { edits, missing: names.filter(name => !devices.has(name)) }
}
