import { EngineError, isEngineError } from '../base/errors.ts'
import { RegistryError } from '../remote/registry-error.ts'
import { type FetchedManifest, type Repository, withRepository } from '../remote/repository.ts'
import { type Digest, isDigest } from '../spec/digest.ts'
import type { OnProgress, PullRequest } from '../spec/engine-api/engine.ts'
import {
  type Descriptor,
  type Index,
  isIndexType,
  isManifestType,
  type Manifest,
  type Platform,
} from '../spec/oci-image.ts'
import {
  familiarName,
  formatFamiliar,
  formatReference,
  parseReference,
  type Reference,
  repositoryOf,
} from '../spec/reference.ts'
import { fetchAttestations } from './attestations.ts'
import type { VerbDeps } from './deps.ts'
import { imageEvent } from './event.ts'
import type { IndexRecord } from './index-record.ts'
import type { LayerFetcher } from './layers.ts'
import { parseConfig, parseIndex, parseManifest } from './manifest.ts'
import { formatPlatform, parsePlatform, selectManifest } from './platform.ts'
import { chainsOf } from './store.ts'

const configLimit = 8 << 20

export async function pullImage(
  deps: VerbDeps,
  layers: LayerFetcher,
  request: PullRequest,
  progress: OnProgress,
): Promise<void> {
  const reference = toReference(request)
  const options = { auth: request.auth, config: deps.remote(), signal: request.signal }
  const wanted = request.platform ? parsePlatform(request.platform, deps.platform) : deps.platform
  await withRepository(reference, 'pull', options, async repository => {
    const pullOne = (one: Reference) => new Pull(deps, layers, repository, one, wanted, progress, request.signal).run()
    if (reference.tag !== undefined || reference.digest !== undefined) await pullOne(reference)
    else for (const tag of await repository.tags(request)) await pullOne({ ...reference, tag })
  }).catch(error => {
    throw translate(error, reference)
  })
}

function toReference({ fromImage, tag }: PullRequest): Reference {
  const reference = parseReference(fromImage)
  if (!tag) return reference
  const separator = isDigest(tag) ? '@' : ':'
  const { tag: _own, ...bare } = reference
  return { ...bare, ...parseTail(`${repositoryOf(reference)}${separator}${tag}`) }
}

function parseTail(text: string): Pick<Reference, 'tag' | 'digest'> {
  const { tag, digest } = parseReference(text)
  return { ...(tag ? { tag } : {}), ...(digest ? { digest } : {}) }
}

/** Docker's words for what the registry said. */
function translate(error: unknown, reference: Reference): unknown {
  if (!(error instanceof RegistryError)) return error
  const name = familiarName(reference)
  const say = (text: string) => new EngineError('not-found', `${text}: ${error.message}`, { cause: error })
  if (error.status === 401 || error.status === 403 || error.code === 'DENIED')
    return say(`pull access denied for ${name}, repository does not exist or may require 'docker login'`)
  if (error.code === 'NAME_UNKNOWN') return say(`repository ${name} not found`)
  if (error.code === 'MANIFEST_UNKNOWN' || error.status === 404)
    return say(`manifest for ${formatFamiliar(reference)} not found`)
  return error
}

class Pull {
  readonly #deps: VerbDeps
  readonly #layers: LayerFetcher
  readonly #repository: Repository
  readonly #reference: Reference
  readonly #wanted: Platform
  readonly #send: OnProgress
  readonly #signal: AbortSignal | undefined

  constructor(
    deps: VerbDeps,
    layers: LayerFetcher,
    repository: Repository,
    reference: Reference,
    wanted: Platform,
    send: OnProgress,
    signal: AbortSignal | undefined,
  ) {
    this.#deps = deps
    this.#layers = layers
    this.#repository = repository
    this.#reference = reference
    this.#wanted = wanted
    this.#send = send
    this.#signal = signal
  }

  async run(): Promise<void> {
    const { tag, digest } = this.#reference
    const top = await this.#repository.manifest(digest ?? tag!, { signal: this.#signal })
    const { fetched, index } = await this.#choose(top)
    const manifest = parseManifest(fetched.bytes)
    this.#send({ status: `Pulling from ${this.#reference.path}`, id: tag ?? digest! })
    const isNew = await this.#store(fetched, manifest, index)
    this.#send({ status: `Digest: ${top.descriptor.digest}` })
    const text = isNew ? 'Downloaded newer image for' : 'Image is up to date for'
    this.#send({ status: `Status: ${text} ${formatFamiliar(this.#reference)}` })
    const name = formatFamiliar(this.#reference)
    this.#deps.emit(
      imageEvent('pull', name, familiarName(this.#reference), this.#deps.store.find(manifest.config.digest)),
    )
  }

  /** The manifest for the wanted platform. */
  async #choose(top: FetchedManifest): Promise<{ fetched: FetchedManifest; index?: FetchedManifest }> {
    const { mediaType } = top.descriptor
    if (isManifestType(mediaType)) return { fetched: top }
    if (!isIndexType(mediaType)) {
      const text = `${formatReference(this.#reference)}: Docker Image Format v1 and Docker Image manifest version 2, schema 1 support has been removed. Suggest the author of ${formatReference(this.#reference)} to upgrade the image to the OCI Format or Docker Image manifest v2, schema 2. More information at https://docs.docker.com/go/deprecated-image-specs/`
      throw new EngineError('invalid', text)
    }
    const chosen = selectManifest((parseIndex(top.bytes) as Index).manifests, this.#wanted)
    if (!chosen)
      throw new EngineError(
        'not-found',
        `no matching manifest for ${formatPlatform(this.#wanted)} in the manifest list entries`,
      )
    return { fetched: await this.#manifest(chosen), index: top }
  }

  /** One that is here already is not asked for again. */
  async #manifest(descriptor: Descriptor): Promise<FetchedManifest> {
    const { content } = this.#deps
    if (content.has(descriptor.digest)) {
      const bytes = await content.read(descriptor.digest).catch(() => undefined)
      const { mediaType, digest } = descriptor
      if (bytes) return { descriptor: { mediaType, digest, size: bytes.length }, bytes }
      await content.delete(descriptor.digest) // damaged: fetched again
    }
    return await this.#repository.manifest(descriptor.digest, { signal: this.#signal })
  }

  /** The index with the image and what attests to it. */
  async #indexRecord(
    index: FetchedManifest,
    manifest: FetchedManifest,
    blobs: readonly Digest[],
    image: Digest,
    keep: (digest: Digest) => void,
  ): Promise<IndexRecord> {
    const entries = (parseIndex(index.bytes) as Index).manifests.map(descriptor =>
      descriptor.digest === manifest.descriptor.digest ? { descriptor, image, blobs } : { descriptor },
    )
    return await fetchAttestations(this.#deps, this.#repository, { descriptor: index.descriptor, entries }, keep, {
      signal: this.#signal,
    })
  }

  /** True when the name did not point to this image before. */
  async #store(fetched: FetchedManifest, manifest: Manifest, index: FetchedManifest | undefined): Promise<boolean> {
    const { store, content } = this.#deps
    const id = manifest.config.digest
    const blobs = [
      id,
      fetched.descriptor.digest,
      ...manifest.layers.map(({ digest }) => digest),
      index?.descriptor.digest,
    ]
    const digests = blobs.filter(digest => digest !== undefined)
    let chains: readonly Digest[] = []
    const pins = new DisposableStack()
    pins.use(store.pin(digests))
    const keep = (digest: Digest) => {
      digests.push(digest)
      pins.use(store.pin([digest]))
    }
    try {
      const configBytes = await this.#config(manifest.config)
      const config = parseConfig(configBytes)
      chains = chainsOf(config)
      pins.use(store.pin(chains))
      await this.#layers.fetch(this.#repository, manifest.layers, config, this.#send, { signal: this.#signal })
      await content.putBytes(configBytes)
      await content.putBytes(fetched.bytes)
      if (index) await content.putBytes(index.bytes)
      const own = [fetched.descriptor.digest, id, ...manifest.layers.map(({ digest }) => digest)]
      const whole = index && (await this.#indexRecord(index, fetched, own, id, keep))
      const names = this.#names((index ?? fetched).descriptor)
      const isNew = names.some(name => {
        const target = store.names.get(name)
        return target?.image !== id || target.index !== index?.descriptor.digest
      })
      const record = {
        id,
        config,
        configSize: configBytes.length,
        layers: manifest.layers,
        manifest: fetched.descriptor,
        index: index?.descriptor,
      }
      if (isNew || !store.images.has(id)) store.save(record, names, whole)
      return isNew
    } finally {
      pins.dispose()
      await store.collect(digests, chains)
    }
  }

  #names({ digest }: Descriptor): readonly string[] {
    const byDigest = `${repositoryOf(this.#reference)}@${digest}`
    const { tag } = this.#reference
    return this.#reference.digest || !tag ? [byDigest] : [byDigest, formatReference(this.#reference)]
  }

  async #config({ digest, size }: Descriptor): Promise<Buffer> {
    const { content } = this.#deps
    if (content.has(digest)) {
      try {
        return await content.read(digest)
      } catch (error) {
        if (!isEngineError(error, 'invalid')) throw error
        await content.delete(digest) // damaged: fetched again
      }
    }
    if (size > configLimit) throw new EngineError('invalid', 'image configuration is too large')
    return await this.#repository.smallBlob(digest, configLimit, { signal: this.#signal }).catch(error => {
      if (!isEngineError(error, 'invalid')) throw error
      throw new EngineError('internal', `image config verification failed for digest ${digest}`, { cause: error })
    })
  }
}
