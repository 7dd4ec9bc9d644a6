import { randomUUID } from 'node:crypto'
import type { BuildContext } from '../context.ts'
import { lint, lintStage } from '../dockerfile/lint.ts'
import type { LintWarning } from '../dockerfile/lint-rules.ts'
import { announce } from './announce.ts'
import { ClientContext } from './context.ts'
import { readDockerfile } from './files.ts'
import { openInputs } from './input-build.ts'
import type { BuiltImage, Request } from './job.ts'
import type { GraphOptions } from './options.ts'
import { planner } from './planner.ts'
import { followed, reachable, targetOf } from './reachable.ts'
import { openRemoteContext } from './remote-context.ts'
import { timeOf } from './run-steps.ts'
import { type FileText, parseWithSource } from './source.ts'
import type { PlannedStage } from './stages.ts'
import { ignoredCopies, reportWarnings } from './warnings.ts'

/** Builds what the client's Dockerfile says, for one platform. */
export async function buildImage(request: Request): Promise<BuiltImage> {
  const { client, options, progress } = request
  if (options.remote) {
    await using context = await openRemoteContext(request.deps, client, options, progress)
    return await buildFile(request, { fileName: context.fileName, text: context.dockerfile }, context)
  }
  await using given = await openInputs(request)
  if (given) return await buildFile(request, { fileName: given.fileName, text: given.dockerfile }, given)
  const files = await readDockerfile(client, options, progress)
  const context = new ClientContext({ ...request, dockerfile: files.dockerfile, ownRules: files.ignore })
  await using _context = context
  const text = { fileName: options.fileName, text: files.dockerfile }
  return await buildFile({ ...request, warningStep: files.step }, text, context)
}

async function buildFile(request: Request, text: FileText, context: BuildContext | ClientContext): Promise<BuiltImage> {
  const { options, progress } = request
  const startedAt = new Date().toISOString()
  const file = parseWithSource(text, options)
  const warnings: LintWarning[] = [...lint(file)]
  const failed = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, failed.signal]) : failed.signal
  const { stageAt, runner, baseImages } = planner(request, file, text, context, warnings, signal)
  const target = await stageAt(targetOf(file, options.target))
  const stages = await reachable(file, target, stageAt)
  const isClients = context instanceof ClientContext
  if (isClients) await context.prepare(followed(stages), commonTime(stages, options))
  const found = [
    ...stages.flatMap(({ stage }) => lintStage(stage)),
    ...ignoredCopies(stages, isClients ? context.excluded : []),
  ]
  reportWarnings(request, file, text, [...warnings, ...found])
  announce(file, stages, context, progress, baseImages)
  for (const stage of stages) runner.result(stage).catch(() => failed.abort())
  try {
    const stack = await firstFailure(
      stages.map(stage => runner.result(stage)),
      runner.result(target),
    )
    return {
      id: randomUUID(),
      platform: target.platform,
      stage: target,
      stack,
      time: timeOf({ stage: target }, options),
      materials: await baseImages.materials(),
      startedAt,
      finishedAt: new Date().toISOString(),
    }
  } finally {
    failed.abort()
    await Promise.allSettled(stages.map(stage => runner.result(stage)))
  }
}

/** The time of the layers that take files of the context; undefined when steps see those files as they are. */
function commonTime(stages: readonly PlannedStage[], options: GraphOptions): number | undefined {
  const reading = stages.flatMap(({ steps }) => steps).filter(({ step }) => step.reads?.some(({ from }) => !from))
  if (reading.some(({ instruction }) => instruction.name === 'RUN')) return undefined
  return reading[0] && timeOf(reading[0], options)
}

/** The result, or what went wrong first in any stage. */
const firstFailure = async <T>(all: readonly Promise<T>[], result: Promise<T>): Promise<T> =>
  (await Promise.all([result, ...all]))[0]!
