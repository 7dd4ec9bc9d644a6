import type { DiskUsageKind } from '../../spec/engine-api/engine.ts'
import type { SystemInfo } from '../../spec/engine-api/system.ts'
import { atLeast } from '../versions.ts'

type Fields = Readonly<Record<string, unknown>>

const without = (value: Fields, names: readonly string[]): Fields =>
  Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)))

/** What later versions dropped, and what they said about a commit that nobody checks. */
function withDropped(info: Fields, version: string): Fields {
  const commit = (value: unknown) => ({ ...(value as Fields), Expected: (value as Fields).ID })
  const registry = { AllowNondistributableArtifactsCIDRs: null, AllowNondistributableArtifactsHostnames: null }
  return {
    ...info,
    ...(!atLeast(version, '1.42') && { KernelMemory: info.MemoryLimit }),
    ...(!atLeast(version, '1.47') && { RegistryConfig: { ...registry, ...(info.RegistryConfig as Fields) } }),
    ...(!atLeast(version, '1.49') && { RuncCommit: commit(info.RuncCommit), InitCommit: commit(info.InitCommit) }),
    ...(!atLeast(version, '1.50') && { BridgeNfIptables: false, BridgeNfIp6tables: false }),
  }
}

/** `seccomp` instead of `name=seccomp,profile=builtin`. */
const bareName = (option: string): string => /^name=([^,]*)/.exec(option)?.[1] ?? option

/** `GET /info` as clients of an older API know it. */
export function adaptInfo(info: SystemInfo, version: string): Fields {
  let fields: Fields = withDropped(info as unknown as Fields, version)
  if (!atLeast(version, '1.25'))
    fields = { ...fields, SecurityOptions: (fields.SecurityOptions as readonly string[]).map(bareName) }
  if (!atLeast(version, '1.44')) {
    const runtimes = Object.entries(fields.Runtimes as Readonly<Record<string, Fields>>)
    fields = {
      ...fields,
      Runtimes: Object.fromEntries(runtimes.map(([name, runtime]) => [name, without(runtime, ['status'])])),
    }
  }
  if (!atLeast(version, '1.49')) fields = without(fields, ['FirewallBackend'])
  return fields
}

/** The kinds that `GET /system/df` was asked for; older clients always want all. */
export const adaptKinds = (kinds: readonly DiskUsageKind[], version: string): readonly DiskUsageKind[] =>
  atLeast(version, '1.42') ? kinds : []
