import type { Cancellable } from '../base/cancellable.ts'
import { type Access, type FetchedManifest, withRepository } from '../remote/repository.ts'
import type { RegistryAuth } from '../spec/engine-api/engine.ts'
import type { BlobPlace } from '../spec/engine-api/solver.ts'
import type { Reference } from '../spec/reference.ts'
import type { VerbDeps } from './deps.ts'

/** A repository for those who keep other things than images in it. */
export interface RemotePlace extends BlobPlace {
  manifest(tagOrDigest: string, options?: Cancellable): Promise<FetchedManifest>
  putManifest(tag: string, mediaType: string, bytes: Buffer, options?: Cancellable): Promise<void>
}

export interface RemoteOptions extends Cancellable {
  readonly access: Access
  readonly auth?: RegistryAuth | undefined
}

/** Runs `body` with the repository, at whichever endpoint of its registry answers. */
export const withRemote = <T>(
  { remote }: VerbDeps,
  reference: Reference,
  { access, auth, signal }: RemoteOptions,
  body: (place: RemotePlace) => Promise<T>,
): Promise<T> =>
  withRepository(reference, access, { auth, config: remote(), signal }, repository =>
    body({
      has: (digest, options) => repository.hasBlob(digest, options),
      open: (digest, options) => repository.blob(digest, 0, options),
      put: (blob, open, options) => repository.upload(blob, open, options),
      manifest: (tagOrDigest, options) => repository.manifest(tagOrDigest, options),
      putManifest: (tag, mediaType, bytes, options) => repository.putManifest(tag, mediaType, bytes, options),
    }),
  )
