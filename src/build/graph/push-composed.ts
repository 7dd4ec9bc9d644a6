import { EngineError, messageOf } from '../../base/errors.ts'
import type { Composed } from '../../image/compose.ts'
import { type Digest, digestOf } from '../../spec/digest.ts'
import { formatReference, type Reference } from '../../spec/reference.ts'
import type { Exporting } from './export.ts'
import { shownName } from './export.ts'
import type { StepProgress } from './progress.ts'

/**
 * Sends manifests with all that they name, in the form that they have, to a repository, under its tag if it has one;
 * the engine needs no name for them.
 */
export async function pushComposed(
  exporting: Exporting,
  composed: Composed,
  name: Reference,
  step: StepProgress,
): Promise<Digest> {
  const { deps, client, signal } = exporting
  const { images } = deps
  const { descriptor, index } = composed
  const manifests = [...(index?.entries ?? []).map(entry => entry.descriptor), descriptor]
  const isManifest = new Set(manifests.map(({ digest }) => digest))
  const auth = await client.credentials(name.domain === 'docker.io' ? 'registry-1.docker.io' : name.domain)
  const push = () =>
    images.withRemote(name, { access: 'pull,push', auth, signal }, async place => {
      for (const digest of new Set(composed.blobs)) {
        if (isManifest.has(digest) || (await place.has(digest, { signal }))) continue
        await place.put(images.blob(digest), () => images.openBlob(digest), { signal })
      }
      for (const { digest, mediaType } of manifests) {
        const bytes = Buffer.concat(await images.openBlob(digest).toArray())
        if (digestOf(bytes) !== digest) throw new EngineError('internal', `content ${digest} is damaged`)
        const isTop = digest === descriptor.digest
        await place.putManifest(isTop ? (name.tag ?? digest) : digest, mediaType, bytes, { signal })
      }
    })
  try {
    await step.part(`pushing ${name.tag ? formatReference(name) : shownName(name)}`, push)
  } catch (error) {
    signal?.throwIfAborted()
    throw new EngineError('internal', `failed to push ${shownName(name)}: ${messageOf(error)}`, { cause: error })
  }
  return descriptor.digest
}
