import type { KeyedMutex } from '../../base/keyed-mutex.ts'
import type { Digest } from '../../spec/digest.ts'
import type { BuildClient } from '../../spec/engine-api/solver.ts'
import type { Platform } from '../../spec/oci-image.ts'
import type { BuildDeps } from '../deps.ts'
import type { ImportedLayer } from './cache/import-cache.ts'
import type { ClientDirectories } from './directories.ts'
import type { LayerCache } from './layer-cache.ts'
import type { GraphOptions } from './options.ts'
import type { Progress, StepProgress } from './progress.ts'
import type { Stack, StepLayer } from './run-steps.ts'
import type { PlannedStage } from './stages.ts'

/** What builds have made, by its id, until its client lets go of it. */
export type LiveResults = Map<string, BuiltImage>

export interface GraphDeps {
  readonly deps: BuildDeps
  readonly cache: LayerCache
  readonly directories: ClientDirectories
  readonly locks: KeyedMutex
  readonly results: LiveResults
}

/** An image that another was made from. */
export interface Material {
  readonly name: string
  /** of its manifest; of its configuration where it came from no registry */
  readonly digest: Digest
}

/** One image as it was built, before anybody has exported it. */
export interface BuiltImage {
  readonly id: string
  readonly platform: Platform
  readonly stage: PlannedStage
  readonly stack: Stack
  /** seconds since 1970, of the image and its new layers */
  readonly time: number
  readonly materials: readonly Material[]
  /** of operations without a Dockerfile: only files are known of it */
  readonly isBare?: boolean
  /** RFC 3339 */
  readonly startedAt: string
  readonly finishedAt: string
}

export interface Request extends GraphDeps {
  readonly client: BuildClient
  readonly options: GraphOptions
  readonly progress: Progress
  /** the step that warnings belong to */
  warningStep?: StepProgress
  /** what images of others know of steps, by their keys */
  readonly imported: ReadonlyMap<string, ImportedLayer>
  /** what this build used or made, by its keys */
  readonly made: Map<string, StepLayer>
  /** lives as long as the result */
  readonly keep: DisposableStack
}
