import type { Readable } from 'node:stream'
import { EngineError, messageOf } from '../../base/errors.ts'
import { hostPlatform, parsePlatform } from '../../image/platform.ts'
import { shortId } from '../../spec/digest.ts'
import type { BuildOptions } from '../../spec/engine-api/build-verbs.ts'
import type { OnProgress, ProgressMessage } from '../../spec/engine-api/engine.ts'
import { formatFamiliar, parseReference, type Reference, withDefaultTag } from '../../spec/reference.ts'
import { BuildArgs } from '../build-args.ts'
import { openContext } from '../context.ts'
import { parseDockerfile } from '../dockerfile/parse.ts'
import { CommandFailed } from '../failure.ts'
import type { GraphDeps } from '../graph/job.ts'
import { epochOf } from '../graph/options.ts'
import { platformArgs } from '../graph/planner.ts'
import { narrate } from './narrate.ts'
import { selectStages } from './select.ts'
import { squash } from './squash.ts'

/** Messages of a quiet build, kept to be shown when it fails. */
const heldLimit = 10_000

/** Builds by the solver, and tells of it as the classic builder does. */
export async function buildClassic(
  graph: GraphDeps,
  options: BuildOptions,
  tar: Readable,
  progress: OnProgress,
): Promise<void> {
  const names = options.tags.map(tag => withDefaultTag(parseTag(tag)))
  await using context = await openContext(graph.deps, options, tar)
  const whole = parseDockerfile(context.dockerfile, context.fileName)
  const file = selectStages(whole, options)
  using keep = new DisposableStack()
  const held: ProgressMessage[] = []
  const send: OnProgress = options.quiet ? message => held.length < heldLimit && held.push(message) : progress
  for (const warning of whole.warnings) send({ stream: `\u001b[91m${warning}\n\u001b[0m` })
  const failed = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, failed.signal]) : failed.signal
  try {
    const built = await narrate({
      graph,
      options: { ...options, sourceDateEpoch: epochOf(options.buildArgs?.SOURCE_DATE_EPOCH ?? undefined) },
      file,
      context,
      args: argsOf(options),
      signal,
      send,
      stop: () => failed.abort(),
      keep,
    })
    const image = options.squash ? await squash(graph, built, { signal }) : built.image
    if (options.squash) send({ aux: { ID: image } })
    send({ stream: `Successfully built ${shortId(image)}\n` })
    for (const name of names) await tag(graph, image, name, send)
    if (options.quiet) progress({ stream: `${image}\n` })
  } catch (error) {
    for (const message of held) progress(message)
    report(graph.deps, options.signal?.aborted ? new EngineError('cancelled', 'context canceled') : error, progress)
  }
}

async function tag({ deps }: GraphDeps, image: string, name: Reference, send: OnProgress): Promise<void> {
  await deps.images.tag(image, `${name.domain}/${name.path}`, name.tag!)
  send({ stream: `Successfully tagged ${formatFamiliar(name)}\n` })
}

function argsOf(options: BuildOptions): BuildArgs {
  const platform = options.platform ? parsePlatform(options.platform, hostPlatform()) : hostPlatform()
  return new BuildArgs(options.buildArgs ?? {}, platformArgs(options, platform))
}

function parseTag(text: string): Reference {
  try {
    const reference = parseReference(text)
    if (reference.digest) throw new EngineError('invalid', 'build tag cannot contain a digest')
    return reference
  } catch (error) {
    throw new EngineError('invalid', messageOf(error), { cause: error })
  }
}

/** Output has begun: the failure is its last message. */
function report({ log }: GraphDeps['deps'], error: unknown, progress: OnProgress): void {
  if (!(error instanceof EngineError)) log.error('build failed', { error })
  const message = messageOf(error)
  const code = error instanceof CommandFailed ? { code: error.exitCode } : {}
  progress({ errorDetail: { ...code, message }, error: message })
}
