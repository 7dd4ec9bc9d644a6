import { dirname, join } from 'node:path'
import { zeroTime } from '../base/time.ts'
import type { ImageConfig as ApiConfig, ImageInspect } from '../spec/engine-api/image.ts'
import type { ExecutionConfig } from '../spec/oci-image.ts'
import type { VerbDeps } from './deps.ts'
import { findForPlatform } from './find.ts'
import { sizeOf } from './list.ts'
import { manifestsOf } from './manifests.ts'
import type { ImageRecord } from './record.ts'
import { chainsOf } from './store.ts'

export interface InspectOptions {
  readonly platform?: string | undefined
  readonly manifests?: boolean
}

export function inspectImage(deps: VerbDeps, name: string, options: InspectOptions = {}): ImageInspect {
  const { store } = deps
  const record = findForPlatform(deps, name, options.platform)
  const { config } = record
  const last = config.history?.at(-1)
  return {
    Id: record.id,
    ...(options.manifests ? manifestsOf(deps, record, store.indexOf(name)) : {}),
    RepoTags: store.tagsOf(record.id),
    RepoDigests: store.digestsOf(record.id),
    Parent: record.parent ?? '',
    Comment: last?.comment ?? '',
    Created: config.created ?? zeroTime,
    DockerVersion: config.docker_version ?? '',
    Author: config.author ?? '',
    Config: toApiConfig(config.config ?? {}),
    Architecture: config.architecture,
    ...(config.variant ? { Variant: config.variant } : {}),
    Os: config.os,
    ...(config['os.version'] ? { OsVersion: config['os.version'] } : {}),
    Size: sizeOf(deps, record),
    GraphDriver: { Name: deps.snapshots.name, Data: graphData(deps, record) },
    RootFS: { Type: 'layers', ...(config.rootfs.diff_ids.length ? { Layers: config.rootfs.diff_ids } : {}) },
    Metadata: { LastTagTime: record.lastTagTime ?? zeroTime },
  }
}

function graphData({ snapshots }: VerbDeps, { config }: ImageRecord): Record<string, string> {
  const top = chainsOf(config).at(-1)
  if (!top || !snapshots.has(top)) return {}
  const [upper = '', ...lowers] = snapshots.layers(top)
  const base = dirname(upper)
  return {
    ...(lowers.length ? { LowerDir: lowers.join(':') } : {}),
    MergedDir: join(base, 'merged'),
    UpperDir: upper,
    WorkDir: join(base, 'work'),
  }
}

/** Docker's member order; those of the image specification are always there. */
function toApiConfig(config: ExecutionConfig): ApiConfig {
  const optional = {
    ExposedPorts: config.ExposedPorts ?? undefined,
    ArgsEscaped: config.ArgsEscaped || undefined,
    Healthcheck: config.Healthcheck ?? undefined,
    StopSignal: config.StopSignal || undefined,
    Shell: config.Shell ?? undefined,
  }
  return {
    ...(optional.ExposedPorts ? { ExposedPorts: optional.ExposedPorts as NonNullable<ApiConfig['ExposedPorts']> } : {}),
    ...(optional.Healthcheck ? { Healthcheck: optional.Healthcheck as NonNullable<ApiConfig['Healthcheck']> } : {}),
    ...(optional.ArgsEscaped ? { ArgsEscaped: true } : {}),
    ...(optional.StopSignal ? { StopSignal: optional.StopSignal } : {}),
    ...(optional.Shell ? { Shell: optional.Shell } : {}),
    User: config.User ?? '',
    Env: config.Env ?? null,
    Entrypoint: config.Entrypoint ?? null,
    Cmd: config.Cmd ?? null,
    Volumes: (config.Volumes as ApiConfig['Volumes']) ?? null,
    WorkingDir: config.WorkingDir ?? '',
    Labels: config.Labels ?? null,
    OnBuild: config.OnBuild ?? null,
  }
}
