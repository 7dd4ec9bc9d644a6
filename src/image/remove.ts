import { EngineError } from '../base/errors.ts'
import { type Digest, shortId } from '../spec/digest.ts'
import type { ImageDeleteResponseItem } from '../spec/engine-api/image.ts'
import { formatReference, parseReference, repositoryOf, withDefaultTag } from '../spec/reference.ts'
import type { VerbDeps } from './deps.ts'
import { imageEvent } from './event.ts'
import { findForPlatform, imagesBehind } from './find.ts'
import type { ImageRecord } from './record.ts'
import { blobsOf, chainsOf, familiar } from './store.ts'

export interface RemoveOptions {
  readonly force: boolean
  readonly noPrune: boolean
  /** of an image for several: only these, each `os/arch[/variant]` */
  readonly platforms?: readonly string[] | undefined
}

/** Takes a name away, and the image with its last name: `docker rmi`. */
export async function removeImage(
  deps: VerbDeps,
  name: string,
  options: RemoveOptions,
): Promise<readonly ImageDeleteResponseItem[]> {
  const { force, noPrune, platforms = [] } = options
  const { store } = deps
  const isAll =
    platforms.length === 0 || imagesBehind(deps, name).every(({ id }) => matching(deps, name, platforms, id))
  if (!isAll) return await removePlatforms(deps, name, platforms, options)
  const record = store.find(name)
  const isId = isIdOf(record, name, deps)
  const names = store.fullNamesOf(record.id)
  const doomed = isId ? names : namesToGo(name, names)
  const isLast = doomed.length === names.length
  if (isId) checkById(deps, record, names, force)
  else if (isLast) checkByName(deps, record, name, force)
  const siblings = store.siblingsOf(doomed, record.id)
  const items = untag(deps, record, doomed)
  if (isLast) items.push(...(await deleteImage(deps, record, noPrune)))
  return [...items, ...(await deleteSiblings(deps, siblings, noPrune))]
}

/** Images of other platforms go with the last name of their index, unless somebody uses them. */
export async function deleteSiblings(
  deps: VerbDeps,
  siblings: readonly ImageRecord[],
  noPrune: boolean,
): Promise<readonly ImageDeleteResponseItem[]> {
  const { store } = deps
  const items: ImageDeleteResponseItem[] = []
  for (const { id } of siblings) {
    const record = store.images.get(id)
    if (record && store.fullNamesOf(id).length === 0 && !store.isHeld(id) && !isInUse(deps, id))
      items.push(...(await deleteImage(deps, record, noPrune)))
  }
  return items
}

const matching = (deps: VerbDeps, name: string, platforms: readonly string[], id: Digest): boolean =>
  platforms.some(platform => findForPlatform(deps, name, platform).id === id)

/** What is left of the image keeps its names. */
async function removePlatforms(
  deps: VerbDeps,
  name: string,
  platforms: readonly string[],
  { force, noPrune }: RemoveOptions,
): Promise<readonly ImageDeleteResponseItem[]> {
  const { store } = deps
  const doomed = new Set(platforms.map(platform => findForPlatform(deps, name, platform)))
  const stays = imagesBehind(deps, name).find(record => !doomed.has(record))!
  for (const record of doomed) checkByName(deps, record, name, force)
  const items: ImageDeleteResponseItem[] = []
  for (const record of doomed) {
    store.save(
      stays,
      store.fullNamesOf(record.id).filter(own => store.indexOf(own)),
      store.indexOf(name),
    )
    if (store.fullNamesOf(record.id).length === 0) items.push(...(await deleteImage(deps, record, noPrune)))
  }
  return items
}

function isIdOf(record: ImageRecord, name: string, { store }: VerbDeps): boolean {
  const hex = name.replace(/^sha256:/, '')
  if (!/^[0-9a-f]+$/.test(hex) || !record.id.startsWith(`sha256:${hex}`)) return false
  return hex.length === 64 || !store.names.has(formatReference(withDefaultTag(parseReference(name))))
}

/** The name itself; with the last tag of a repository its digests go as well. */
function namesToGo(name: string, names: readonly string[]): readonly string[] {
  const reference = withDefaultTag(parseReference(name))
  const own = reference.digest ? `${repositoryOf(reference)}@${reference.digest}` : formatReference(reference)
  const inRepository = names.filter(each => repositoryOf(parseReference(each)) === repositoryOf(reference))
  const otherTags = inRepository.filter(each => each !== own && parseReference(each).tag)
  return otherTags.length > 0 || reference.digest ? [own] : [own, ...inRepository.filter(each => each !== own)]
}

function checkByName({ usage }: VerbDeps, { id }: ImageRecord, name: string, force: boolean): void {
  const [user] = usage(id).toSorted((a, b) => Number(b.running) - Number(a.running))
  if (user && !force)
    throw conflict(
      `unable to remove repository reference ${JSON.stringify(name)} (must force) - container ${shortId(user.id)} is using its referenced image ${shortId(id)}`,
    )
}

function checkById({ usage, store }: VerbDeps, { id }: ImageRecord, names: readonly string[], force: boolean): void {
  const short = shortId(id)
  const running = usage(id).find(user => user.running)
  if (running)
    throw conflict(
      `unable to delete ${short} (cannot be forced) - image is being used by running container ${shortId(running.id)}`,
    )
  if (store.childrenOf(id).length > 0)
    throw conflict(`unable to delete ${short} (cannot be forced) - image has dependent child images`)
  if (force) return
  const repositories = new Set(names.map(name => repositoryOf(parseReference(name))))
  if (repositories.size > 1)
    throw conflict(`unable to delete ${short} (must be forced) - image is referenced in multiple repositories`)
  const [stopped] = usage(id)
  if (stopped)
    throw conflict(
      `unable to delete ${short} (must be forced) - image is being used by stopped container ${shortId(stopped.id)}`,
    )
}

const conflict = (text: string) => new EngineError('conflict', `conflict: ${text}`)

function untag({ store, emit }: VerbDeps, record: ImageRecord, names: readonly string[]): ImageDeleteResponseItem[] {
  store.untag(names)
  return names.map(name => {
    emit(imageEvent('untag', record.id, record.id, record))
    return { Untagged: familiar(name) }
  })
}

/** Deletes an image without names, then the unnamed parents that were kept for it; silently keeps what is in use. */
export async function deleteImage(
  deps: VerbDeps,
  record: ImageRecord,
  noPrune: boolean,
): Promise<readonly ImageDeleteResponseItem[]> {
  const { store, usage, emit } = deps
  const isRunning = usage(record.id).some(({ running }) => running)
  if (isRunning || store.childrenOf(record.id).length > 0) return []
  store.drop(record.id)
  const chains = await store.collect(blobsOf(record), chainsOf(record.config))
  emit(imageEvent('delete', record.id, record.id, record))
  const items = [record.id, ...chains].map(Deleted => ({ Deleted }))
  const parent = noPrune || !record.parent ? undefined : store.images.get(record.parent)
  const mayGo = parent && store.fullNamesOf(parent.id).length === 0 && !isInUse(deps, parent.id)
  return mayGo ? [...items, ...(await deleteImage(deps, parent, noPrune))] : items
}

export const isInUse = ({ usage, store }: VerbDeps, id: Digest): boolean =>
  usage(id).length > 0 || store.childrenOf(id).length > 0
