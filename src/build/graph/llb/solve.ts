import { randomUUID } from 'node:crypto'
import { hostPlatform, parsePlatform } from '../../../image/platform.ts'
import type { LowLevelGraph } from '../../../spec/engine-api/low-level.ts'
import type { ImageConfig } from '../../../spec/oci-image.ts'
import { BuildArgs } from '../../build-args.ts'
import type { BuiltImage, Request } from '../job.ts'
import type { Stack } from '../run-steps.ts'
import type { PlannedStage } from '../stages.ts'
import { evaluate } from './evaluate.ts'

/** Files that operations made, as an image; whoever asked for them says what its configuration is. */
export async function buildGraph(request: Request, graph: LowLevelGraph): Promise<BuiltImage> {
  const startedAt = new Date().toISOString()
  const stack = await evaluate(request, graph)
  const { options } = request
  const platform = options.platform ? parsePlatform(options.platform, hostPlatform()) : hostPlatform()
  return {
    id: randomUUID(),
    platform,
    stage: bareStage(platform),
    stack,
    time: options.sourceDateEpoch ?? 0,
    materials: [],
    startedAt,
    finishedAt: new Date().toISOString(),
    isBare: true,
  }
}

const from = {
  name: 'FROM' as const,
  line: 0,
  endLine: 0,
  original: 'FROM scratch',
  flags: new Map(),
  args: ['scratch'],
  pairs: [],
  isJson: false,
  heredocs: [],
  comments: [],
}

const bareStage = (platform: BuiltImage['platform']): PlannedStage => ({
  index: 0,
  stage: { name: undefined, from, instructions: [] },
  base: undefined,
  from: 'scratch',
  platform,
  args: new BuildArgs({}),
  steps: [],
  all: [],
  triggers: 0,
  failure: undefined,
  config: {},
  history: [],
  author: undefined,
})

const comment = 'buildkit.exporter.image.v0'

/** The image with the configuration that a client gives it; its history has an entry for each layer. */
export function withConfig(image: BuiltImage, given: ImageConfig): BuiltImage {
  const { stack } = image as { readonly stack: Stack }
  const history = given.history ?? []
  const missing = stack.diffIds.length - history.filter(entry => !entry.empty_layer).length
  const more = Array.from({ length: Math.max(0, missing) }, () => ({ comment }))
  const created = Date.parse(given.created ?? '')
  return {
    ...image,
    platform:
      given.os && given.architecture
        ? { os: given.os, architecture: given.architecture, ...(given.variant ? { variant: given.variant } : {}) }
        : image.platform,
    time: Number.isNaN(created) ? image.time : Math.floor(created / 1000),
    stage: { ...image.stage, config: given.config ?? {}, history: [...history, ...more], author: given.author },
  }
}
