import type { Cancellable } from '../base/cancellable.ts'
import { EngineError } from '../base/errors.ts'
import { Semaphore } from '../base/semaphore.ts'
import { SingleFlight } from '../base/single-flight.ts'
import type { Repository } from '../remote/repository.ts'
import type { UnpackedLayer } from '../snapshot/snapshotter.ts'
import { shortId } from '../spec/digest.ts'
import type { OnProgress } from '../spec/engine-api/engine.ts'
import type { Descriptor, ImageConfig } from '../spec/oci-image.ts'
import type { VerbDeps } from './deps.ts'
import { download, toRegisterError } from './download.ts'
import { LayerProgress } from './progress.ts'
import { chainsOf } from './store.ts'

/** Brings layers onto the disk: so many downloads at a time in the whole engine, each digest once. */
export class LayerFetcher {
  readonly #deps: VerbDeps
  readonly #places: Semaphore
  readonly #flights = new SingleFlight<void>()

  constructor(deps: VerbDeps) {
    this.#deps = deps
    this.#places = new Semaphore(deps.concurrentDownloads ?? 3)
  }

  /** Returns when every layer of the image is unpacked, durable and in its place in the stack. */
  async fetch(
    repository: Repository,
    layers: readonly Descriptor[],
    config: ImageConfig,
    send: OnProgress,
    { signal }: Cancellable,
  ): Promise<void> {
    const diffIds = config.rootfs.diff_ids
    if (layers.length !== diffIds.length)
      throw new EngineError('internal', `layers from manifest don't match image configuration`)
    const chains = chainsOf(config)
    const { snapshots, content } = this.#deps
    const firstMissing = chains.findIndex(chain => !snapshots.has(chain))
    const base = firstMissing < 0 ? chains.length : firstMissing
    const stop = new AbortController()
    const both = AbortSignal.any([stop.signal, ...(signal ? [signal] : [])])
    const jobs = layers.map((layer, i) => {
      const progress = new LayerProgress(shortId(layer.digest), send)
      if (i < base && content.has(layer.digest)) {
        progress.state('Already exists')
        return Promise.resolve(undefined)
      }
      progress.state('Pulling fs layer')
      return this.#fetchLayer(repository, layer, progress, i >= base, both)
    })
    await using unpacked = await allOrNothing(jobs, stop)
    const fresh = unpacked.layers.slice(base) as UnpackedLayer[]
    for (const [i, layer] of fresh.entries())
      if (layer.diffId !== diffIds[base + i])
        throw new EngineError(
          'internal',
          `failed to register layer: layer diffID mismatch: expected ${diffIds[base + i]}, got ${layer.diffId}`,
        )
    if (fresh.length > 0) await snapshots.commit(chains[base - 1], fresh)
    for (const layer of layers.slice(base))
      send({ status: 'Pull complete', progressDetail: {}, id: shortId(layer.digest) })
  }

  async #fetchLayer(
    repository: Repository,
    layer: Descriptor,
    progress: LayerProgress,
    unpack: boolean,
    signal: AbortSignal,
  ): Promise<UnpackedLayer | undefined> {
    const { content, snapshots } = this.#deps
    let mine: UnpackedLayer | undefined
    let isGone = false
    let flight: { readonly signal: AbortSignal; readonly done: Promise<void> } | undefined
    const work = (flightSignal: AbortSignal) => {
      const done = run(flightSignal)
      flight = { signal: flightSignal, done }
      return done
    }
    const run = async (flightSignal: AbortSignal) => {
      if (content.has(layer.digest)) return
      progress.state('Waiting')
      using _place = await this.#places.acquire()
      flightSignal.throwIfAborted()
      mine = await download(this.#deps, repository, layer, { progress, unpack, signal: flightSignal })
      if (isGone) await mine?.[Symbol.asyncDispose]()
    }
    try {
      await this.#flights.do(layer.digest, work, signal)
    } catch (error) {
      isGone = true
      // nobody else waits for it: it has tidied up when this returns
      if (flight?.signal.aborted) await flight.done.catch(() => {})
      await mine?.[Symbol.asyncDispose]()
      throw signal.aborted ? new EngineError('cancelled', 'context canceled') : error
    }
    if (!unpack || mine) return mine
    progress.state('Download complete')
    progress.bar('Extracting', layer.size, layer.size)
    return await snapshots.unpack(content.open(layer.digest), { signal }).catch(error => {
      throw toRegisterError(error)
    })
  }
}

/** All results, or the first error after every other job has stopped and what it made is gone. */
async function allOrNothing(jobs: readonly Promise<UnpackedLayer | undefined>[], stop: AbortController) {
  let failure: { readonly error: unknown } | undefined
  const settled = await Promise.allSettled(
    jobs.map(job =>
      job.catch(error => {
        failure ??= { error }
        stop.abort()
        throw error
      }),
    ),
  )
  const layers = settled.map(result => (result.status === 'fulfilled' ? result.value : undefined))
  const dispose = async () => {
    for (const layer of layers) await layer?.[Symbol.asyncDispose]()
  }
  if (failure) {
    await dispose()
    throw failure.error
  }
  return { layers, [Symbol.asyncDispose]: dispose }
}
