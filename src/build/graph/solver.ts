import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError } from '../../base/errors.ts'
import { formatPlatform, hostPlatform } from '../../image/platform.ts'
import type { Digest } from '../../spec/digest.ts'
import type { BuildClient, Solved, SolvedImage, SolveRequest, Solver } from '../../spec/engine-api/solver.ts'
import type { ImageConfig } from '../../spec/oci-image.ts'
import { answerRequest } from './answer.ts'
import { buildImage } from './build.ts'
import { checkCacheExports, exportCache, type StepLayers } from './cache/export-cache.ts'
import { importCaches } from './cache/import-cache.ts'
import { withCache } from './cache/inline.ts'
import { checkEntitlements, type Grants } from './entitlements.ts'
import { exportTo } from './export.ts'
import { checkFrontend } from './frontend.ts'
import { LocalBuildHistory } from './history.ts'
import { toImageConfig } from './image-config.ts'
import type { BuiltImage, GraphDeps, Request } from './job.ts'
import { buildGraph, withConfig } from './llb/solve.ts'
import { type GraphOptions, toOptions } from './options.ts'
import { Progress } from './progress.ts'
import { provenanceOf } from './provenance.ts'
import { checkRequest, toMetadata } from './requests.ts'
import { resolveImage } from './resolve-image.ts'
import { isStage } from './stages.ts'
import type { Tidier } from './tidier.ts'
import { BuiltTree } from './tree.ts'
import { pruneCache, usageOf } from './usage.ts'

/** Clients take it as leave to ask for archives, pushes and several platforms. */
const workerLabels = { 'org.mobyproject.buildkit.worker.snapshotter': 'overlayfs' }

export interface GraphSolver extends Solver {
  /** tops of the stacks that must stay for later builds */
  chains(): readonly Digest[]
  /** Tidies what a crash left. */
  recover(): void
}

/** What was built, for as long as its client may ask for it. */
class Result implements Solved {
  readonly images: readonly BuiltImage[]
  readonly options: GraphOptions
  readonly made: StepLayers
  readonly results: ReadonlyMap<string, SolvedImage> | undefined
  readonly metadata: Solved['metadata']
  readonly #keep: Disposable

  constructor(
    { deps, options, made, results: live }: Pick<Request, 'deps' | 'options' | 'made' | 'results'>,
    images: readonly BuiltImage[],
    keep: DisposableStack,
  ) {
    for (const image of images) {
      live.set(image.id, image)
      keep.defer(() => live.delete(image.id))
    }
    this.images = images
    this.options = options
    this.made = made
    this.#keep = keep
    const isMany = options.platforms.length > 1
    this.results = new Map(
      images.map(image => [isMany ? formatPlatform(image.platform) : '', new BuiltTree(deps, image)] as const),
    )
    this.metadata = images.some(({ isBare }) => isBare) ? {} : metadataOf(images, options, isMany)
  }

  /** For the history of builds: with everything that is known. */
  statements() {
    const mode = { mode: 'max' }
    return this.images.filter(({ isBare }) => !isBare).map(image => provenanceOf(image, this.options, mode))
  }

  [Symbol.dispose](): void {
    this.#keep[Symbol.dispose]()
  }
}

function metadataOf(images: readonly BuiltImage[], { labels = {} }: GraphOptions, isMany: boolean) {
  const json = (value: unknown) => Buffer.from(JSON.stringify(value))
  const entries = images.flatMap(image => {
    const suffix = isMany ? `/${formatPlatform(image.platform)}` : ''
    let { base } = image.stage
    while (isStage(base)) base = base.base
    return [
      [`containerimage.config${suffix}`, json(toImageConfig(image, labels))] as const,
      ...(base ? [[`containerimage.base.config${suffix}`, json(base.config)] as const] : []),
    ]
  })
  const Platforms = images.map(({ platform }) => ({
    ID: formatPlatform(platform),
    Platform: { architecture: platform.architecture, os: platform.os, variant: platform.variant },
  }))
  return Object.fromEntries([...entries, ['refs.platforms', json({ Platforms })] as const])
}

/** What was made without a Dockerfile has the configuration that its client returned with it, if any. */
function configured(image: BuiltImage, metadata: Solved['metadata']): BuiltImage {
  if (!image.isBare) return image
  const bytes = metadata[`containerimage.config/${formatPlatform(image.platform)}`] ?? metadata['containerimage.config']
  if (!bytes) return withConfig(image, { ...image.platform, rootfs: { type: 'layers', diff_ids: [] } })
  try {
    return withConfig(image, JSON.parse(Buffer.from(bytes).toString()) as ImageConfig)
  } catch {
    throw new EngineError('invalid', 'failed to parse image config: it is no JSON')
  }
}

/** What BuildKit's clients build with. */
export function createSolver(graph: GraphDeps, tidier: Tidier, id: string, grants: () => Grants): GraphSolver {
  const { deps } = graph
  const history = new LocalBuildHistory(deps.db, join(deps.dir, 'history'))
  return {
    worker: () => ({ id, labels: workerLabels, platforms: [hostPlatform()] }),
    solve: async (request, client, send) => {
      checkEntitlements(request.entitlements, grants())
      return solve(graph, request, client, new Progress(send))
    },
    export: async (solved, exports, cacheExports, client, send, { signal, metadata = {} } = {}) => {
      checkCacheExports(cacheExports)
      if (!(solved instanceof Result)) return {}
      const isInline = solved.options.inlineCache || cacheExports.some(({ type }) => type === 'inline')
      const telling = (config: ImageConfig) => withCache(config, graph.cache)
      const finish = isInline ? telling : (config: ImageConfig) => config
      const progress = new Progress(send)
      const exporting = { deps, client, progress, options: solved.options, finish, signal }
      const images = solved.images.map(image => configured(image, metadata))
      let answer = {}
      for (const [target, each] of exports.entries())
        answer = { ...answer, ...(await exportTo(exporting, images, target, each)) }
      for (const location of cacheExports.filter(({ type }) => type !== 'inline'))
        answer = { ...answer, ...(await exportCache(exporting, solved.images, solved.made, location)) }
      tidier.start()
      return answer
    },
    resolveImage: (request, client, send) => resolveImage(graph, request, client, new Progress(send)),
    usage: async () => usageOf(graph),
    history,
    pruneCache: options => pruneCache(graph, options),
    chains: () => graph.cache.chains(),
    recover: () => {
      graph.directories.recover()
      history.recover()
    },
  }
}

async function solve(
  graph: GraphDeps,
  request: SolveRequest,
  client: BuildClient,
  progress: Progress,
): Promise<Solved> {
  if (!request.definition) checkFrontend(request)
  const options = toOptions(request)
  mkdirSync(graph.deps.dir, { recursive: true, mode: 0o700 })
  using keep = new DisposableStack()
  const needs = { ...graph, client, options, progress, keep, made: new Map() }
  if (options.request) {
    const answer = await answerRequest({ ...needs, imported: new Map() }, checkRequest(options.request))
    return { metadata: toMetadata(answer), results: undefined, [Symbol.dispose]() {} }
  }
  const images: BuiltImage[] = []
  const imported = await importCaches(needs, options.cacheImports)
  if (request.definition) {
    const bare = await buildGraph({ ...needs, imported }, request.definition)
    return new Result(needs, [bare], keep.move())
  }
  for (const platform of options.platforms.length ? options.platforms : [undefined])
    images.push(await buildImage({ ...needs, options: { ...options, platform }, imported }))
  return new Result(needs, images, keep.move())
}
