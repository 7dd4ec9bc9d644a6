import { isEngineError } from '../../base/errors.ts'
import { formatPlatform, hostPlatform } from '../../image/platform.ts'
import type { ResolvedImage } from '../../image/resolved.ts'
import type { RegistryAuth } from '../../spec/engine-api/engine.ts'
import type { Platform } from '../../spec/oci-image.ts'
import { formatReference, parseReference, withDefaultTag } from '../../spec/reference.ts'
import { fetchImage } from '../base-image.ts'
import type { BuildDeps } from '../deps.ts'
import { imageOfInput } from './input-context.ts'
import type { Material, Request } from './job.ts'
import { imageOfLayout } from './layout-context.ts'
import { contextCalled, filesOfContext, imageOfContext } from './named-contexts.ts'
import type { GraphOptions } from './options.ts'
import type { StepProgress } from './progress.ts'

/** Images that stages stand on or copy from, each looked up once. */
export class BaseImages {
  /** what was a named context and no image */
  readonly named = new Set<string>()
  readonly #request: Request
  readonly #signal: AbortSignal
  readonly #found = new Map<string, Promise<ResolvedImage>>()

  constructor(request: Request, signal: AbortSignal) {
    this.#request = request
    this.#signal = signal
  }

  get(name: string, platform: Platform): Promise<ResolvedImage> {
    const key = `${name} ${formatPlatform(platform)}`
    const known = this.#found.get(key)
    if (known) return known
    const started = this.#fetch(name, platform)
    this.#found.set(key, started)
    started.catch(() => {})
    return started
  }

  /** What the build was made from, by names in the order of the alphabet. */
  async materials(): Promise<readonly Material[]> {
    const { images } = this.#request.deps
    const all = await Promise.all(
      [...this.#found].map(async ([key, found]) => ({ name: key.split(' ')[0]!, id: (await found).id })),
    )
    const known = all.filter(({ name, id }) => id && !this.named.has(name))
    const materials = await Promise.all(
      known.map(async ({ name, id }): Promise<Material> => {
        const { path } = parseReference(name)
        const digests = (await images.inspect(id)).RepoDigests ?? []
        const own = digests.find(each => parseReference(each).path === path) ?? digests[0]
        return { name, digest: own ? parseReference(own).digest! : id }
      }),
    )
    return materials.sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  async #fetch(name: string, platform: Platform): Promise<ResolvedImage> {
    const { options, keep, deps } = this.#request
    const value = contextCalled(name, options, formatPlatform(platform))
    if (value !== undefined) this.named.add(name)
    if (value === undefined) return this.#pull(name, platform, '')
    const image = imageOfContext(value)
    if (image !== undefined) return this.#pull(image, platform, name)
    if (value.startsWith('input:')) {
      const input = await imageOfInput(this.#request, value, platform)
      keep.use(deps.images.pin(input.chainId ? [input.chainId] : []))
      return input
    }
    const needs = { ...this.#request, options: { ...options, signal: this.#signal } }
    if (value.startsWith('oci-layout://'))
      return imageOfLayout(needs, name, value, platform, chain => void keep.use(deps.images.pin([chain])))
    const files = await filesOfContext(needs, name, value, platform)
    keep.use(deps.images.pin([files.chainId!]))
    return files
  }

  /** @param context the name that the image is a context under */
  async #pull(name: string, platform: Platform, context: string): Promise<ResolvedImage> {
    const { deps, client, options, progress, keep } = this.#request
    const reference = withDefaultTag(parseReference(name))
    const title = context
      ? `[context ${context}] load metadata for ${name}`
      : `[internal] load metadata for ${formatReference(reference)}`
    return progress.during(title, async step => {
      const auths = new Map<string, RegistryAuth>()
      const host = reference.domain === 'docker.io' ? 'registry-1.docker.io' : reference.domain
      const wanted = { ...options, platform: platformOf(options, platform), auths, signal: this.#signal }
      const isThere = !options.pull && isLocal(deps, name, wanted.platform)
      const auth = isThere ? undefined : await client.credentials(host)
      if (auth) auths.set(reference.domain === 'docker.io' ? 'https://index.docker.io/v1/' : reference.domain, auth)
      const image = await fetchImage(deps, name, wanted, message => report(step, message))
      keep.use(deps.images.pin([image.id, ...(image.chainId ? [image.chainId] : [])]))
      return image
    })
  }
}

/** Images of this machine's own kind are taken as they are. */
const platformOf = (options: GraphOptions, platform: Platform): string | undefined =>
  options.platform === undefined && formatPlatform(platform) === formatPlatform(hostPlatform())
    ? undefined
    : formatPlatform(platform)

function isLocal({ images }: BuildDeps, name: string, platform: string | undefined): boolean {
  try {
    images.resolve(name, platform)
    return true
  } catch (error) {
    if (isEngineError(error, 'not-found')) return false
    throw error
  }
}

const layerReports = new WeakMap<StepProgress, Map<string, ReturnType<StepProgress['status']>>>()

function report(
  step: StepProgress,
  {
    id,
    status,
    progressDetail,
  }: { id?: string; status?: string; progressDetail?: { current?: number; total?: number } },
): void {
  if (!id || !status) return
  const reports = layerReports.get(step) ?? new Map()
  layerReports.set(step, reports)
  const update = reports.get(id) ?? step.status(id, 'downloading')
  reports.set(id, update)
  update(progressDetail?.current ?? 0, progressDetail?.total ?? 0, status === 'Pull complete')
}
