import { EngineError } from '../base/errors.ts'
import type { VerbDeps } from './deps.ts'
import { bestImage, imagesOfIndex } from './index-record.ts'
import { formatPlatform, parsePlatform } from './platform.ts'
import type { ImageRecord } from './record.ts'

/** The images behind a name: one, or all those of its index that are here, the one that the name means first. */
export function imagesBehind({ store }: VerbDeps, name: string): readonly ImageRecord[] {
  const record = store.find(name)
  const index = store.indexOf(name)
  const others = index ? imagesOfIndex(index).flatMap(id => store.images.get(id) ?? []) : []
  return [record, ...others.filter(({ id }) => id !== record.id)]
}

/**
 * The image behind a name for `os/arch[/variant]`.
 *
 * @throws EngineError `not-found` with Docker's text
 */
export function findForPlatform(deps: VerbDeps, name: string, platform?: string): ImageRecord {
  const images = imagesBehind(deps, name)
  if (!platform) return images[0]!
  const found = bestImage(images, platform, deps.platform)
  if (found) return found
  const wanted = formatPlatform(parsePlatform(platform, deps.platform))
  const text = `image with reference ${name} was found but its platform (${formatPlatform(images[0]!.config)}) does not match the specified platform (${wanted})`
  throw new EngineError('not-found', text)
}
