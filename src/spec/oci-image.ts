import type { Digest } from './digest.ts'

/** Spec: https://github.com/opencontainers/image-spec/blob/main/descriptor.md */
export interface Descriptor {
  readonly mediaType: string
  readonly digest: Digest
  /** bytes */
  readonly size: number
  readonly urls?: readonly string[]
  readonly annotations?: Readonly<Record<string, string>>
  readonly platform?: Platform
  readonly artifactType?: string
  /** base64 */
  readonly data?: string
}

export interface Platform {
  readonly architecture: string
  readonly os: string
  readonly 'os.version'?: string
  readonly 'os.features'?: readonly string[]
  readonly variant?: string
}

/** Spec: https://github.com/opencontainers/image-spec/blob/main/manifest.md */
export interface Manifest {
  readonly schemaVersion: 2
  readonly mediaType?: string
  readonly artifactType?: string
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
  readonly subject?: Descriptor
  readonly annotations?: Readonly<Record<string, string>>
}

/** Spec: https://github.com/opencontainers/image-spec/blob/main/image-index.md */
export interface Index {
  readonly schemaVersion: 2
  readonly mediaType?: string
  readonly artifactType?: string
  readonly manifests: readonly Descriptor[]
  readonly subject?: Descriptor
  readonly annotations?: Readonly<Record<string, string>>
}

/** The `config` member of an image configuration, with Docker's additions. Durations in nanoseconds. */
export interface ExecutionConfig {
  readonly User?: string
  readonly ExposedPorts?: Readonly<Record<string, object>> | null
  readonly Env?: readonly string[] | null
  readonly Entrypoint?: readonly string[] | null
  readonly Cmd?: readonly string[] | null
  readonly Volumes?: Readonly<Record<string, object>> | null
  readonly WorkingDir?: string
  readonly Labels?: Readonly<Record<string, string>> | null
  readonly StopSignal?: string
  readonly ArgsEscaped?: boolean
  readonly Healthcheck?: {
    readonly Test?: readonly string[]
    readonly Interval?: number
    readonly Timeout?: number
    readonly StartPeriod?: number
    readonly StartInterval?: number
    readonly Retries?: number
  } | null
  readonly OnBuild?: readonly string[] | null
  readonly Shell?: readonly string[] | null
}

export interface HistoryEntry {
  readonly created?: string
  readonly created_by?: string
  readonly author?: string
  readonly comment?: string
  readonly empty_layer?: boolean
}

/** Spec: https://github.com/opencontainers/image-spec/blob/main/config.md */
export interface ImageConfig extends Platform {
  readonly created?: string
  readonly author?: string
  readonly docker_version?: string
  readonly container?: string
  readonly config?: ExecutionConfig
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly Digest[] }
  readonly history?: readonly HistoryEntry[]
}

export const mediaTypes = {
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  ociLayer: 'application/vnd.oci.image.layer.v1.tar',
  ociLayerGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  ociLayerZstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
  ociEmpty: 'application/vnd.oci.empty.v1+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerLayer: 'application/vnd.docker.image.rootfs.diff.tar',
  dockerLayerGzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  dockerLayerZstd: 'application/vnd.docker.image.rootfs.diff.tar.zstd',
  dockerForeignLayer: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
} as const

export const isIndexType = (mediaType: string): boolean =>
  mediaType === mediaTypes.ociIndex || mediaType === mediaTypes.dockerList

export const isManifestType = (mediaType: string): boolean =>
  mediaType === mediaTypes.ociManifest || mediaType === mediaTypes.dockerManifest
