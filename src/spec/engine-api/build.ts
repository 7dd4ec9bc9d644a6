// Shapes of the Docker Engine API v1.51, build: https://docs.docker.com/reference/api/engine/version/v1.51/
import type { ProgressDetail } from './container.ts'
import type { ImageID } from './image.ts'
import type { ErrorDetail } from './system.ts'

export interface BuildInfo {
  readonly id?: string | undefined
  readonly stream?: string | undefined
  readonly error?: string | null | undefined
  readonly errorDetail?: ErrorDetail | undefined
  readonly status?: string | undefined
  readonly progress?: string | null | undefined
  readonly progressDetail?: ProgressDetail | undefined
  readonly aux?: ImageID | undefined
}

export interface BuildCache {
  readonly ID?: string | undefined
  readonly Parents?: readonly string[] | null | undefined
  readonly Type?:
    | 'internal'
    | 'frontend'
    | 'source.local'
    | 'source.git.checkout'
    | 'exec.cachemount'
    | 'regular'
    | undefined
  readonly Description?: string | undefined
  readonly InUse?: boolean | undefined
  readonly Shared?: boolean | undefined
  readonly Size?: number | undefined
  readonly CreatedAt?: string | undefined
  readonly LastUsedAt?: string | null | undefined
  readonly UsageCount?: number | undefined
}
