import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cancellable } from '../base/cancellable.ts'
import { EngineError } from '../base/errors.ts'
import { Semaphore } from '../base/semaphore.ts'
import { retryAfterOf } from '../remote/registry-error.ts'
import { type Repository, withRepository } from '../remote/repository.ts'
import { isTransient } from '../remote/session.ts'
import { shortId } from '../spec/digest.ts'
import type { OnProgress, RegistryAuth } from '../spec/engine-api/engine.ts'
import { type Descriptor, mediaTypes } from '../spec/oci-image.ts'
import { formatFamiliar, formatReference, parseReference, type Reference, repositoryOf } from '../spec/reference.ts'
import { buildManifest, originalManifest, outgoingLayer, verified } from './blobs.ts'
import type { VerbDeps } from './deps.ts'
import { imageEvent } from './event.ts'
import { findForPlatform } from './find.ts'
import { blobsOfIndex, type IndexRecord } from './index-record.ts'
import { parseManifest } from './manifest.ts'
import { LayerProgress } from './progress.ts'
import type { ImageRecord } from './record.ts'

export interface PushOptions extends Cancellable {
  readonly tag?: string | undefined
  /** of an image for several, as an image of its own */
  readonly platform?: string | undefined
  readonly auth?: RegistryAuth | undefined
}

const attempts = 5

export async function pushImage(deps: VerbDeps, name: string, options: PushOptions, send: OnProgress): Promise<void> {
  const bare = parseReference(name)
  if (bare.digest) throw new EngineError('invalid', 'cannot push a digest reference')
  const tag = options.tag || bare.tag
  const reference: Reference = { domain: bare.domain, path: bare.path }
  if (options.platform) findForPlatform(deps, formatReference({ ...reference, tag: tag ?? 'latest' }), options.platform)
  send({ status: `The push refers to repository [${repositoryOf(reference)}]` })
  const targets = tag ? [{ ...reference, tag }] : tagsIn(deps, reference)
  if (targets.length === 0)
    throw new EngineError('not-found', `An image does not exist locally with the tag: ${formatFamiliar(reference)}`)
  for (const target of targets) await pushOne(deps, target, reference, options, send)
}

const tagsIn = ({ store }: VerbDeps, reference: Reference): Reference[] =>
  [...store.names.entries()]
    .map(([name]) => parseReference(name))
    .filter(name => name.tag && repositoryOf(name) === repositoryOf(reference))

async function pushOne(deps: VerbDeps, target: Reference, bare: Reference, options: PushOptions, send: OnProgress) {
  const { store } = deps
  const name = formatReference(target)
  if (!store.names.has(name))
    throw new EngineError('not-found', `An image does not exist locally with the tag: ${formatFamiliar(bare)}`)
  const record = findForPlatform(deps, name, options.platform)
  const index = options.platform ? undefined : wholeIndex(deps, name)
  const layers = record.layers.flatMap(layer => (layer ? [layer.digest] : []))
  using _pin = store.pin([record.id, ...layers, ...(index ? blobsOfIndex(index) : [])])
  const mountFrom = otherRepositories(deps, record, target)
  const connection = { auth: options.auth, config: deps.remote(), signal: options.signal, mountFrom }
  await withRepository(target, 'pull,push', connection, async repository => {
    const pushing = { ...options, mountFrom }
    const descriptor = index
      ? await pushIndex(deps, repository, index, target, pushing, send)
      : await pushManifest(deps, repository, record, target, pushing, send)
    const { digest, size } = descriptor
    send({ status: `${target.tag}: digest: ${digest} size: ${size}` })
    send({ progressDetail: {}, aux: { Tag: target.tag, Digest: digest, Size: size } })
    deps.emit(imageEvent('push', formatFamiliar(target), formatFamiliar(bare), record))
  })
}

async function pushManifest(
  deps: VerbDeps,
  repository: Repository,
  record: ImageRecord,
  target: Reference,
  options: PushOptions & { readonly mountFrom: readonly string[] },
  send: OnProgress,
): Promise<Descriptor> {
  const { manifest, layers } = await pushBlobs(deps, repository, record, options.mountFrom, options, send)
  await repository.putManifest(target.tag!, manifest.descriptor.mediaType, manifest.bytes, options)
  await deps.content.putBytes(manifest.bytes)
  const { digest } = manifest.descriptor
  const { index: _old, ...rest } = record
  const kept =
    record.manifest?.digest === digest ? record : { ...rest, index: undefined, layers, manifest: manifest.descriptor }
  deps.store.save(kept, [`${repositoryOf(target)}@${digest}`])
  return manifest.descriptor
}

/** Other repositories of the same registry that are known to have this image: blobs can be mounted from there. */
function otherRepositories({ store }: VerbDeps, record: ImageRecord, target: Reference): readonly string[] {
  const names = store.fullNamesOf(record.id).map(parseReference)
  const others = names.filter(({ domain, path, digest }) => digest && domain === target.domain && path !== target.path)
  return [...new Set(others.map(({ path }) => path))].slice(0, 3)
}

async function pushBlobs(
  deps: VerbDeps,
  repository: Repository,
  record: ImageRecord,
  mountFrom: readonly string[],
  options: PushOptions,
  send: OnProgress,
) {
  const places = new Semaphore(deps.concurrentUploads ?? 5)
  const diffIds = record.config.rootfs.diff_ids
  const progresses = diffIds.map(diffId => new LayerProgress(shortId(diffId), send))
  for (const progress of progresses) progress.state('Preparing')
  const layers = await Promise.all(
    diffIds.map((_, i) =>
      places.run(async () => {
        const layer = await outgoingLayer(deps, record, i, options)
        await pushBlob(deps, repository, layer, { ...options, mountFrom, progress: progresses[i]! })
        return layer
      }),
    ),
  )
  const config = { mediaType: mediaTypes.ociConfig, digest: record.id, size: record.configSize }
  await pushBlob(deps, repository, config, { ...options, mountFrom: [] })
  const original = layers.every((layer, i) => layer.digest === record.layers[i]?.digest)
    ? await originalManifest(deps, record)
    : undefined
  const manifest = original ? { descriptor: record.manifest!, bytes: original } : buildManifest(record, layers)
  parseManifest(manifest.bytes)
  return { manifest, layers }
}

/** The index that a name means, if everything that it names is here. */
function wholeIndex({ store, content }: VerbDeps, name: string): IndexRecord | undefined {
  const index = store.indexOf(name)
  const isHere = index?.entries.every(({ blobs }) => blobs?.every(digest => content.has(digest)))
  return isHere && content.has(index!.descriptor.digest) ? index : undefined
}

/** Every platform with what attests to it, then the index that names them. */
async function pushIndex(
  deps: VerbDeps,
  repository: Repository,
  index: IndexRecord,
  target: Reference,
  options: PushOptions & { readonly mountFrom: readonly string[] },
  send: OnProgress,
): Promise<Descriptor> {
  const { content, store } = deps
  const manifests = await Promise.all(
    index.entries.map(async ({ descriptor }) => ({ descriptor, bytes: await content.read(descriptor.digest) })),
  )
  const parsed = manifests.map(({ bytes }) => parseManifest(bytes))
  const blobs = new Map(parsed.flatMap(({ config, layers }) => [...layers, config]).map(blob => [blob.digest, blob]))
  const places = new Semaphore(deps.concurrentUploads ?? 5)
  const jobs = [...blobs.values()].map(blob => ({ blob, progress: new LayerProgress(shortId(blob.digest), send) }))
  for (const { progress } of jobs) progress.state('Preparing')
  const push = (job: (typeof jobs)[number]) =>
    places.run(() => pushBlob(deps, repository, job.blob, { ...options, progress: job.progress }))
  await Promise.all(jobs.map(push))
  for (const { descriptor, bytes } of manifests)
    await repository.putManifest(descriptor.digest, descriptor.mediaType, bytes, options)
  const { mediaType, digest } = index.descriptor
  await repository.putManifest(target.tag!, mediaType, await content.read(digest), options)
  const record = store.find(formatReference(target))
  store.save(record, [`${repositoryOf(target)}@${digest}`], index)
  return index.descriptor
}

interface BlobOptions extends Cancellable {
  readonly mountFrom: readonly string[]
  readonly progress?: LayerProgress
}

async function pushBlob(deps: VerbDeps, repository: Repository, blob: Descriptor, options: BlobOptions): Promise<void> {
  const { progress, mountFrom } = options
  if (await repository.hasBlob(blob.digest, options)) return progress?.state('Layer already exists')
  for (const from of mountFrom)
    if (await repository.mount(blob.digest, from, options)) return progress?.state(`Mounted from ${from}`)
  for (let attempt = 1; ; attempt++) {
    try {
      await repository.upload(blob, start => counted(deps, blob, start, progress), options)
      progress?.state('Pushed')
      return
    } catch (error) {
      if (attempt >= attempts || !isTransient(error) || options.signal?.aborted) throw error
      const seconds = retryAfterOf(error) ?? (deps.retrySeconds ?? 5) * attempt
      progress?.state(`Retrying in ${seconds} seconds`)
      await sleep(seconds * 1000)
    }
  }
}

/**
 * The bytes of a blob from `start` on, moving the bar. All are read: a disk that gives other bytes than it was given
 * is noticed before the end.
 */
function counted(
  { content }: VerbDeps,
  { digest, size }: Descriptor,
  start: number,
  progress: LayerProgress | undefined,
): Readable {
  const rest = async function* () {
    let read = 0
    for await (const chunk of verified(content.open(digest), digest)) {
      const from = Math.max(0, Math.min(chunk.length, start - read))
      read += chunk.length
      if (read <= start) continue
      progress?.bar('Pushing', read, size)
      yield from > 0 ? chunk.subarray(from) : chunk
    }
  }
  return Readable.from(rest(), { objectMode: false })
}
