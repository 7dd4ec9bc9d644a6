import { hostPlatform, parsePlatform } from '../../image/platform.ts'
import type { Digest } from '../../spec/digest.ts'
import type { BuildClient, Solver } from '../../spec/engine-api/solver.ts'
import { formatReference, parseReference, withDefaultTag } from '../../spec/reference.ts'
import { BaseImages } from './base-images.ts'
import type { GraphDeps } from './job.ts'
import { toOptions } from './options.ts'
import type { Progress } from './progress.ts'

/** The image that a client asks for, pulled where it is not here; what it is called by is its manifest's digest. */
export async function resolveImage(
  graph: GraphDeps,
  { name, platform, pull, signal = new AbortController().signal }: Parameters<Solver['resolveImage']>[0],
  client: BuildClient,
  progress: Progress,
): Promise<{ readonly digest: Digest; readonly config: Uint8Array }> {
  using keep = new DisposableStack()
  const wish = {
    frontend: '',
    options: pull ? { 'image-resolve-mode': 'pull' } : {},
    cacheImports: [],
    entitlements: [],
  }
  const request = {
    ...graph,
    client,
    options: toOptions({ ...wish, signal }),
    progress,
    keep,
    imported: new Map(),
    made: new Map(),
  }
  const wanted = platform ? parsePlatform(platform, hostPlatform()) : hostPlatform()
  const reference = formatReference(withDefaultTag(parseReference(name)))
  const images = new BaseImages(request, signal)
  const { config, id } = await images.get(reference, wanted)
  const [material] = await images.materials()
  return { digest: material?.digest ?? id, config: Buffer.from(JSON.stringify(config)) }
}
