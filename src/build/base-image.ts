import { isEngineError } from '../base/errors.ts'
import type { ResolvedImage } from '../image/resolved.ts'
import type { BuildOptions } from '../spec/engine-api/build-verbs.ts'
import type { OnProgress } from '../spec/engine-api/engine.ts'
import { parseReference, withDefaultTag } from '../spec/reference.ts'
import type { BuildDeps } from './deps.ts'

/** The image called `name`; pulled when it is not there, or when the user wants the newest. */
export async function fetchImage(
  { images }: BuildDeps,
  name: string,
  options: BuildOptions,
  send: OnProgress,
): Promise<ResolvedImage> {
  const { platform, signal } = options
  const known = options.pull ? undefined : localImage(images, name, platform)
  if (known) return known
  const reference = withDefaultTag(parseReference(name))
  const host = reference.domain === 'docker.io' ? 'https://index.docker.io/v1/' : reference.domain
  const auth = options.auths?.get(host) ?? options.auths?.get(reference.domain)
  const fromImage = `${reference.domain}/${reference.path}`
  const tag = reference.digest ?? reference.tag
  const familiar = fromImage.replace(/^docker\.io\/(library\/)?/, '')
  await images.pull({ fromImage: familiar, tag, platform, auth, signal }, send)
  return images.resolve(name, platform)
}

function localImage(images: BuildDeps['images'], name: string, platform: string | undefined) {
  try {
    return images.resolve(name, platform)
  } catch (error) {
    if (isEngineError(error, 'not-found')) return undefined
    throw error
  }
}
