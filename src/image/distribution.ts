import { EngineError } from '../base/errors.ts'
import { withRepository } from '../remote/repository.ts'
import type { RegistryAuth } from '../spec/engine-api/engine.ts'
import type { DistributionInspect, OCIPlatform } from '../spec/engine-api/system.ts'
import { isIndexType } from '../spec/oci-image.ts'
import { parseReference, withDefaultTag } from '../spec/reference.ts'
import type { VerbDeps } from './deps.ts'
import { parseConfig, parseIndex, parseManifest } from './manifest.ts'

/** What the registry has under a name, without fetching it. */
export async function inspectDistribution(
  deps: VerbDeps,
  name: string,
  auth: RegistryAuth | undefined,
): Promise<DistributionInspect> {
  if (/^[0-9a-f]{64}$/.test(name)) throw new EngineError('internal', 'no manifest found for full image ID')
  const reference = withDefaultTag(parseReference(name))
  return withRepository(reference, 'pull', { auth, config: deps.remote() }, async repository => {
    const { descriptor, bytes } = await repository.manifest(reference.digest ?? reference.tag!)
    const Descriptor = { mediaType: descriptor.mediaType, digest: descriptor.digest, size: descriptor.size }
    if (isIndexType(descriptor.mediaType)) {
      const platforms = parseIndex(bytes).manifests.flatMap(({ platform }) => (platform ? [platform] : []))
      return { Descriptor, Platforms: platforms }
    }
    const { config } = parseManifest(bytes)
    if (config.size > 8 << 20) return { Descriptor, Platforms: [] }
    const { architecture, os, variant } = parseConfig(await repository.smallBlob(config.digest, 8 << 20))
    const platform: OCIPlatform = { architecture, os, ...(variant ? { variant } : {}) }
    return { Descriptor, Platforms: [platform] }
  })
}
