import { EngineError } from '../../base/errors.ts'
import type { ResolvedImage } from '../../image/resolved.ts'
import type { Digest } from '../../spec/digest.ts'
import { type LowLevelGraph, resultScheme } from '../../spec/engine-api/low-level.ts'
import type { ImageConfig, Platform } from '../../spec/oci-image.ts'
import type { BuiltImage, LiveResults, Request } from './job.ts'
import { evaluate } from './llb/evaluate.ts'
import type { GraphOptions } from './options.ts'
import { isStage } from './stages.ts'

/** The result of another build that a graph means; undefined when it means something else. */
export function resultIn({ ops, result }: LowLevelGraph): string | undefined {
  const { identifier } = (result && ops.get(result.digest)?.op.source) ?? {}
  return identifier?.startsWith(resultScheme) ? identifier.slice(resultScheme.length) : undefined
}

/** @throws EngineError `not-found` when its build is over */
export function liveResult(results: LiveResults, id: string): BuiltImage {
  const found = results.get(id)
  if (!found) throw new EngineError('not-found', `no such result: ${id}: the build that made it is over`)
  return found
}

/** Files that a client gives by name as an image to stand on, with the configuration that it gives along. */
export async function imageOfInput(request: Request, value: string, platform: Platform): Promise<ResolvedImage> {
  const { options, results } = request
  const name = value.slice('input:'.length)
  const graph = options.inputs.get(name)
  if (!graph) throw new EngineError('invalid', `invalid input ${name}: the client gave no such input`)
  const id = resultIn(graph)
  const built = id === undefined ? undefined : liveResult(results, id)
  let base = built?.stage.base
  while (isStage(base)) base = base.base
  const { chainId, diffIds } = built?.stack ?? (await evaluate(request, graph))
  const rootfs = { type: 'layers' as const, diff_ids: diffIds }
  const config = { ...(givenConfig(options, name) ?? { ...platform, config: {} }), rootfs }
  return { id: base?.id ?? ('' as Digest), config, chainId, size: 0 }
}

function givenConfig({ frontendOptions }: GraphOptions, name: string): ImageConfig | undefined {
  const text = frontendOptions[`input-metadata:${name}`]
  if (!text) return undefined
  try {
    const metadata = JSON.parse(text) as Readonly<Record<string, string>>
    const config = metadata['containerimage.config']
    return config ? (JSON.parse(Buffer.from(config, 'base64').toString()) as ImageConfig) : undefined
  } catch {
    throw new EngineError('invalid', `failed to unmarshal input-metadata:${name}`)
  }
}
