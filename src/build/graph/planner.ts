import { formatPlatform, hostPlatform, parsePlatform } from '../../image/platform.ts'
import type { Platform } from '../../spec/oci-image.ts'
import { BuildArgs } from '../build-args.ts'
import type { BuildContext } from '../context.ts'
import { expand } from '../dockerfile/expand.ts'
import type { Dockerfile, Instruction } from '../dockerfile/instruction.ts'
import { lintFrom } from '../dockerfile/lint-from.ts'
import type { LintWarning } from '../dockerfile/lint-rules.ts'
import type { StageView } from '../ops/op.ts'
import { BaseImages } from './base-images.ts'
import { isAllowed } from './entitlements.ts'
import type { Request } from './job.ts'
import type { GraphOptions } from './options.ts'
import { indexOfStage } from './reachable.ts'
import { lentBy } from './remote-context.ts'
import { StageRunner, timeOf } from './run-steps.ts'
import { type FileText, withSource } from './source.ts'
import { type FileStepPlace, type PlannedStage, planStage } from './stages.ts'

/** What turns the stages of a file into plans, and plans into layers. */
export function planner(
  request: Request,
  file: Dockerfile,
  text: FileText,
  context: BuildContext,
  warnings: LintWarning[],
  signal: AbortSignal,
) {
  const { deps, client, options, keep } = request
  const platform = options.platform ? parsePlatform(options.platform, hostPlatform()) : hostPlatform()
  const args = new BuildArgs(options.buildArgs ?? {}, platformArgs(options, platform))
  declareGlobals(file, args)
  const byDefault = new BuildArgs({}, platformArgs(options, platform))
  declareGlobals(file, byDefault)
  warnings.push(...lintFrom(file, args.globalNames(), name => byDefault.global(name)))
  const planned = new Map<number, Promise<PlannedStage>>()
  const stageAt = (index: number): Promise<PlannedStage> => {
    const known = planned.get(index)
    if (known) return known
    const started = plan(index)
    planned.set(index, started)
    return started
  }
  const baseImages = new BaseImages(request, signal)
  const runner: StageRunner = new StageRunner({
    ...request,
    signal,
    pin: chain => void keep.use(deps.images.pin([chain])),
    fail: (error, step) => withSource(error, text, step.instruction),
  })
  const view = (place: FileStepPlace): Omit<StageView, 'args' | 'config' | 'hasCmd' | 'lookUp' | 'expand'> => ({
    deps,
    options: { ...options, platform: formatPlatform(place.platform), signal },
    context,
    dialect: 'buildkit',
    layerTime: () => place.step && timeOf(place.step, options),
    allows: entitlement => isAllowed(options.entitlements, entitlement),
    ...lentBy(client),
    send: message => place.step?.progress?.output(Buffer.from(message), 'stdout'),
    output: (chunk, output) => place.step?.progress?.output(chunk, output),
    imageOf: async from => {
      const index = indexOfStage(file, from, place.stageIndex)
      if (index !== undefined) return runner.result(await stageAt(index))
      return baseImages.get(from, place.platform)
    },
  })
  const plan = (index: number) =>
    planStage(
      {
        dialect: 'buildkit',
        file,
        args,
        platform,
        view,
        image: (name, wanted) => baseImages.get(name, wanted),
        fail: (error, at) => withSource(error, text, at),
        warn: (rule, detail, { line, endLine }) => warnings.push({ rule, detail, line, endLine }),
      },
      index,
      stageAt,
    )
  return { stageAt, runner, baseImages }
}

function declareGlobals(file: Dockerfile, args: BuildArgs): void {
  for (const each of file.globalArgs) declareGlobal(file, each, args)
}

export function declareGlobal(file: Dockerfile, { pairs }: Instruction, args: BuildArgs): void {
  const scope = { get: (name: string) => args.global(name), escape: file.escape }
  for (const [name, value] of pairs) args.declareGlobal(name, value === undefined ? undefined : expand(value, scope))
}

/** Arguments that every Dockerfile may ask for. */
export function platformArgs(
  { target }: Pick<GraphOptions, 'target'>,
  wanted: Platform,
): Readonly<Record<string, string>> {
  const named = (prefix: string, { os, architecture, variant }: Platform) => ({
    [`${prefix}PLATFORM`]: [os, architecture, variant].filter(Boolean).join('/'),
    [`${prefix}OS`]: os,
    [`${prefix}ARCH`]: architecture,
    [`${prefix}VARIANT`]: variant ?? '',
  })
  return { ...named('BUILD', hostPlatform()), ...named('TARGET', wanted), TARGETSTAGE: target ?? 'default' }
}
