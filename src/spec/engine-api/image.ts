// Shapes of the Docker Engine API v1.51, image: https://docs.docker.com/reference/api/engine/version/v1.51/
import type { DriverData, HealthConfig } from './container.ts'
import type { OCIDescriptor, OCIPlatform } from './system.ts'

export interface ImageHistoryResponseItem {
  readonly Id?: string | undefined
  readonly Created?: number | undefined
  readonly CreatedBy?: string | undefined
  readonly Tags?: readonly string[] | null | undefined
  readonly Size?: number | undefined
  readonly Comment?: string | undefined
}

export interface ImageConfig {
  readonly User?: string | undefined
  readonly ExposedPorts?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | null | undefined
  readonly Env?: readonly string[] | null | undefined
  readonly Cmd?: readonly string[] | null | undefined
  readonly Healthcheck?: HealthConfig | undefined
  readonly ArgsEscaped?: boolean | null | undefined
  readonly Volumes?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | null | undefined
  readonly WorkingDir?: string | undefined
  readonly Entrypoint?: readonly string[] | null | undefined
  readonly OnBuild?: readonly string[] | null | undefined
  readonly Labels?: Readonly<Record<string, string>> | null | undefined
  readonly StopSignal?: string | null | undefined
  readonly Shell?: readonly string[] | null | undefined
}

export interface ImageInspect {
  readonly Id?: string | undefined
  readonly Descriptor?: OCIDescriptor | undefined
  readonly Manifests?: readonly ImageManifestSummary[] | null | undefined
  readonly RepoTags?: readonly string[] | null | undefined
  readonly RepoDigests?: readonly string[] | null | undefined
  readonly Parent?: string | undefined
  readonly Comment?: string | undefined
  readonly Created?: string | null | undefined
  readonly DockerVersion?: string | undefined
  readonly Author?: string | undefined
  readonly Config?: ImageConfig | undefined
  readonly Architecture?: string | undefined
  readonly Variant?: string | null | undefined
  readonly Os?: string | undefined
  readonly OsVersion?: string | null | undefined
  readonly Size?: number | undefined
  readonly GraphDriver?: DriverData | undefined
  readonly RootFS?:
    | {
        readonly Type?: string | undefined
        readonly Layers?: readonly string[] | null | undefined
      }
    | undefined
  readonly Metadata?:
    | {
        readonly LastTagTime?: string | null | undefined
      }
    | undefined
}

export interface ImageSummary {
  readonly Id?: string | undefined
  readonly ParentId?: string | undefined
  readonly RepoTags?: readonly string[] | null | undefined
  readonly RepoDigests?: readonly string[] | null | undefined
  readonly Created?: number | undefined
  readonly Size?: number | undefined
  readonly SharedSize?: number | undefined
  readonly Labels?: Readonly<Record<string, string>> | null | undefined
  readonly Containers?: number | undefined
  readonly Manifests?: readonly ImageManifestSummary[] | null | undefined
  readonly Descriptor?: OCIDescriptor | undefined
}

export interface ImageID {
  readonly ID?: string | undefined
}

export interface ImageDeleteResponseItem {
  readonly Untagged?: string | undefined
  readonly Deleted?: string | undefined
}

export interface ImageManifestSummary {
  readonly ID?: string | undefined
  readonly Descriptor?: OCIDescriptor | undefined
  readonly Available?: boolean | undefined
  readonly Size?:
    | {
        readonly Total?: number | undefined
        readonly Content?: number | undefined
      }
    | undefined
  readonly Kind?: 'image' | 'attestation' | 'unknown' | undefined
  readonly ImageData?:
    | {
        readonly Platform?: OCIPlatform | undefined
        readonly Containers?: readonly string[] | null | undefined
        readonly Size?:
          | {
              readonly Unpacked?: number | undefined
            }
          | undefined
      }
    | null
    | undefined
  readonly AttestationData?:
    | {
        readonly For?: string | undefined
      }
    | null
    | undefined
}
