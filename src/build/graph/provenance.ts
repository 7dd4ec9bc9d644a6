import { withoutPassword } from '../../base/without-password.ts'
import { formatPlatform, hostPlatform } from '../../image/platform.ts'
import type { Attributes } from '../../spec/engine-api/solver.ts'
import type { Platform } from '../../spec/oci-image.ts'
import { parseReference, withDefaultTag } from '../../spec/reference.ts'
import type { BuiltImage, Material } from './job.ts'
import type { GraphOptions } from './options.ts'

const buildType = 'https://mobyproject.org/buildkit@v1'

/** Names of images as statements have them: https://github.com/package-url/purl-spec */
export function imagePurl(name: string, platform: Platform): string {
  const { domain, path, tag, digest } = withDefaultTag(parseReference(name))
  const place = domain === 'docker.io' ? path.replace(/^library\//, '') : `${domain}/${path}`
  const version = tag ?? digest ?? ''
  return `pkg:docker/${place}@${encodeURIComponent(version)}?platform=${encodeURIComponent(formatPlatform(platform))}`
}

/**
 * Where an image comes from. Nothing in it changes from one build to the next of the same input, unless more than the
 * minimum is asked for.
 * Spec: https://slsa.dev/spec/v0.2/provenance
 */
export function provenanceOf(image: BuiltImage, options: GraphOptions, wanted: Attributes) {
  const isMax = wanted.mode === 'max'
  const { frontendOptions } = options
  return {
    predicateType: 'https://slsa.dev/provenance/v0.2',
    predicate: {
      builder: { id: wanted['builder-id'] ?? '' },
      buildType,
      materials: image.materials.map(({ name, digest }: Material) => ({
        uri: imagePurl(name, image.platform),
        digest: { sha256: digest.replace('sha256:', '') },
      })),
      invocation: {
        configSource: options.remote
          ? { uri: withoutPassword(options.remote), entryPoint: options.fileName }
          : { entryPoint: options.fileName },
        parameters: {
          frontend: 'dockerfile.v0',
          ...(isMax ? { args: argsOf(frontendOptions) } : {}),
          ...(options.remote ? {} : { locals: [{ name: 'context' }, { name: 'dockerfile' }] }),
        },
        environment: { platform: formatPlatform(hostPlatform()) },
      },
      ...(isMax ? { buildConfig: { steps: image.stage.history.map(({ created_by }) => created_by ?? '') } } : {}),
      metadata: {
        ...(isMax ? { buildStartedOn: image.startedAt, buildFinishedOn: image.finishedAt } : {}),
        completeness: { parameters: isMax, environment: true, materials: false },
        reproducible: wanted.reproducible === 'true',
      },
    },
  }
}

/** Options of the build; what the client did not mean for others is not among them. */
const argsOf = (options: Attributes): Attributes =>
  Object.fromEntries(
    Object.entries(options)
      .filter(([key]) => !/^(attest:|context:|cache-imports|cgroup)/.test(key))
      .map(([key, value]) => [key, withoutPassword(value)]),
  )
