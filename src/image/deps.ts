import type { Database } from '../base/database.ts'
import type { Log } from '../base/log.ts'
import type { ContentStore } from '../content/content-store.ts'
import type { RemoteConfig } from '../remote/config.ts'
import type { Snapshotter } from '../snapshot/snapshotter.ts'
import type { Digest } from '../spec/digest.ts'
import type { ContainerConfig } from '../spec/engine-api/container.ts'
import type { EventMessage } from '../spec/engine-api/system.ts'
import type { Platform } from '../spec/oci-image.ts'
import type { ImageStore } from './store.ts'

export interface ImageUser {
  readonly id: string
  readonly name: string
  readonly running: boolean
}

export interface CommitRequest {
  readonly container: string
  readonly repo: string
  readonly tag: string
  readonly comment: string
  readonly author: string
  readonly pause: boolean
  readonly changes: readonly string[]
  readonly config?: ContainerConfig | undefined
}

/** What the image verbs need from the rest of the engine. */
export interface ImageDeps {
  readonly db: Database
  readonly content: ContentStore
  readonly snapshots: Snapshotter
  /** asked for each operation, so that a reload takes effect */
  readonly remote: () => RemoteConfig
  readonly log: Log
  readonly emit: (event: Omit<EventMessage, 'time' | 'timeNano' | 'scope'>) => void
  /** the containers made from an image */
  readonly usage: (imageId: Digest) => readonly ImageUser[]
  /** tops of the stacks that containers stand on, which must stay when their image is removed by force */
  readonly chainsInUse?: () => Iterable<Digest>
  readonly platform: Platform
  /** what `docker commit` does with a container; it ends in commitImage() */
  readonly commitContainer?: (request: CommitRequest) => Promise<{ readonly Id: string }>
  /** seconds before the second attempt at a layer; default 5, as dockerd */
  readonly retrySeconds?: number
  /** layers at a time: default 3 and 5, as dockerd */
  readonly concurrentDownloads?: number | undefined
  readonly concurrentUploads?: number | undefined
}

export interface VerbDeps extends ImageDeps {
  readonly store: ImageStore
}
