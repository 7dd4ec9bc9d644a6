import { randomUUID } from 'node:crypto'
import { EngineError, isEngineError } from '../../base/errors.ts'
import type { KeyedMutex } from '../../base/keyed-mutex.ts'
import { formatPlatform, hostPlatform, parsePlatform } from '../../image/platform.ts'
import type { ResolvedImage } from '../../image/resolved.ts'
import type { RegistryAuth } from '../../spec/engine-api/engine.ts'
import { SolveError } from '../../spec/engine-api/solve-error.ts'
import type { BuildClient } from '../../spec/engine-api/solver.ts'
import type { Platform } from '../../spec/oci-image.ts'
import { formatReference, parseReference, withDefaultTag } from '../../spec/reference.ts'
import { fetchImage } from '../base-image.ts'
import { BuildArgs } from '../build-args.ts'
import type { BuildContext } from '../context.ts'
import type { BuildDeps } from '../deps.ts'
import { expand } from '../dockerfile/expand.ts'
import type { Dockerfile } from '../dockerfile/instruction.ts'
import { lint } from '../dockerfile/lint.ts'
import { type LintWarning, lintRules, lintUrl, parseCheck } from '../dockerfile/lint-rules.ts'
import { parseDockerfile } from '../dockerfile/parse.ts'
import type { StageView } from '../ops/op.ts'
import { ClientContext } from './context.ts'
import type { ClientDirectories } from './directories.ts'
import { readDockerfile } from './files.ts'
import type { LayerCache } from './layer-cache.ts'
import { contextCalled, filesOfContext, imageOfContext } from './named-contexts.ts'
import type { GraphOptions } from './options.ts'
import type { Progress, StepProgress } from './progress.ts'
import { openRemoteContext } from './remote-context.ts'
import { type Answer, describeAnswer, lintAnswer, outlineAnswer, type RequestName, targetsAnswer } from './requests.ts'
import { type Stack, StageRunner, timeOf } from './run-steps.ts'
import { excerpt, type FileText, withSource } from './source.ts'
import { type FileStepPlace, isStage, type PlannedStage, planStage } from './stages.ts'

export interface GraphDeps {
  readonly deps: BuildDeps
  readonly cache: LayerCache
  readonly directories: ClientDirectories
  readonly locks: KeyedMutex
}

/** One image as it was built, before anybody has exported it. */
export interface BuiltImage {
  readonly id: string
  readonly platform: Platform
  readonly stage: PlannedStage
  readonly stack: Stack
  /** seconds since 1970, of the image and its new layers */
  readonly time: number
}

interface Request extends GraphDeps {
  readonly client: BuildClient
  readonly options: GraphOptions
  readonly progress: Progress
  /** the step that warnings belong to */
  warningStep?: StepProgress
  /** lives as long as the result */
  readonly keep: DisposableStack
}

/** Builds what the client's Dockerfile says, for one platform. */
export async function buildImage(request: Request): Promise<BuiltImage> {
  const { client, options, progress } = request
  if (options.remote) {
    await using context = await openRemoteContext(request.deps, client, options, progress)
    return await buildFile(request, { fileName: context.fileName, text: context.dockerfile }, context)
  }
  const files = await readDockerfile(client, options, progress)
  const context = new ClientContext({ ...request, dockerfile: files.dockerfile, ownRules: files.ignore })
  await using _context = context
  const text = { fileName: options.fileName, text: files.dockerfile }
  return await buildFile({ ...request, warningStep: files.step }, text, context)
}

/** Answers what a client asks of a Dockerfile instead of a build. */
export async function answerRequest(request: Request, name: RequestName): Promise<Answer> {
  if (name === 'frontend.subrequests.describe') return describeAnswer()
  const { client, options, progress } = request
  const { dockerfile } = await readDockerfile(client, options, progress)
  const text = { fileName: options.fileName, text: dockerfile }
  const file = parseWithSource(text)
  if (name === 'frontend.targets') return targetsAnswer(file, text)
  if (name === 'frontend.outline') return outlineAnswer(file, text)
  return checkFile(request, file, text)
}

/** Plans the stages that a build would need, and reports what the checks found on the way. */
async function checkFile(request: Request, file: Dockerfile, text: FileText): Promise<Answer> {
  const { options } = request
  const warnings: LintWarning[] = [...lint(file)]
  await using context = new ClientContext({ ...request, dockerfile: text.text, ownRules: undefined })
  const { stageAt } = planner(request, file, text, context, warnings, options.signal ?? new AbortController().signal)
  try {
    await reachable(file, await stageAt(targetOf(file, options.target)), stageAt)
    return lintAnswer(wantedWarnings(file, options, warnings), text)
  } catch (error) {
    if (!(error instanceof SolveError)) throw error
    const { start: line, end: endLine } = error.source?.ranges[0] ?? { start: 1, end: 1 }
    const failure = { message: error.message, line, endLine }
    return lintAnswer(wantedWarnings(file, options, warnings), text, failure)
  }
}

function parseWithSource(text: FileText): Dockerfile {
  if (text.text.trim() === '') throw new EngineError('invalid', 'the Dockerfile cannot be empty')
  try {
    return parseDockerfile(text.text, text.fileName)
  } catch (error) {
    throw withSource(error, text, { line: 0, endLine: 0 })
  }
}

async function buildFile(request: Request, text: FileText, context: BuildContext | ClientContext): Promise<BuiltImage> {
  const { options, progress } = request
  const file = parseWithSource(text)
  const warnings: LintWarning[] = [...lint(file)]
  const failed = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, failed.signal]) : failed.signal
  const { stageAt, runner, baseImages } = planner(request, file, text, context, warnings, signal)
  const target = await stageAt(targetOf(file, options.target))
  const stages = await reachable(file, target, stageAt)
  reportWarnings(request, file, text, warnings)
  if (context instanceof ClientContext) await context.prepare(followed(stages))
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
    }
  } finally {
    failed.abort()
    await Promise.allSettled(stages.map(stage => runner.result(stage)))
  }
}

/** What turns the stages of a file into plans, and plans into layers. */
function planner(
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
    allows: entitlement => options.entitlements.includes(entitlement),
    secret: id => client.secret(id),
    agent: { has: id => client.hasAgent(id), open: id => client.openAgent(id) },
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

/** @throws EngineError when the file wants its warnings to be errors */
function reportWarnings(
  { progress, options, warningStep }: Request,
  file: Dockerfile,
  text: FileText,
  all: readonly LintWarning[],
): void {
  const found = wantedWarnings(file, options, all)
  const step = warningStep ?? progress.step('[internal] check')
  for (const { rule, detail, line, endLine } of found) {
    const source = excerpt(text, { line, endLine })
    step.warn(`${rule}: ${detail} (line ${line})`, [lintRules[rule]], lintUrl(rule), source)
  }
  if (found.length > 0 && checkSettings(file, options).error)
    throw new EngineError(
      'invalid',
      `lint violation found for rules: ${[...new Set(found.map(({ rule }) => rule))].join(', ')}`,
    )
}

const checkSettings = ({ directives }: Dockerfile, { buildArgs }: GraphOptions) =>
  parseCheck(buildArgs?.BUILDKIT_DOCKERFILE_CHECK ?? directives.check)

export function wantedWarnings(file: Dockerfile, options: GraphOptions, all: readonly LintWarning[]) {
  const { skip, skipAll } = checkSettings(file, options)
  const seen = new Set<string>()
  return all
    .filter(warning => {
      const key = JSON.stringify(warning)
      const isNew = !seen.has(key)
      seen.add(key)
      return isNew && !skipAll && !skip.has(warning.rule)
    })
    .sort((a, b) => a.line - b.line)
}

/** The result, or what went wrong first in any stage. */
const firstFailure = async <T>(all: readonly Promise<T>[], result: Promise<T>): Promise<T> =>
  (await Promise.all([result, ...all]))[0]!

function declareGlobals(file: Dockerfile, args: BuildArgs): void {
  const scope = { get: (name: string) => args.global(name), escape: file.escape }
  for (const { pairs } of file.globalArgs)
    for (const [name, value] of pairs) args.declareGlobal(name, value === undefined ? undefined : expand(value, scope))
}

/** Images that stages stand on or copy from, each looked up once. */
class BaseImages {
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

  async #fetch(name: string, platform: Platform): Promise<ResolvedImage> {
    const { options, keep, deps } = this.#request
    const value = contextCalled(name, options, formatPlatform(platform))
    if (value !== undefined) this.named.add(name)
    if (value === undefined) return this.#pull(name, platform, '')
    const image = imageOfContext(value)
    if (image !== undefined) return this.#pull(image, platform, name)
    const needs = { ...this.#request, options: { ...options, signal: this.#signal } }
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

function indexOfStage({ stages }: Dockerfile, name: string, before: number): number | undefined {
  const named = stages.findLastIndex((stage, index) => index !== before && stage.name === name.toLowerCase())
  if (named >= 0) {
    if (named > before) throw new EngineError('invalid', `circular dependency detected on stage: ${name}`)
    return named
  }
  if (!/^\d+$/.test(name)) return undefined
  if (Number(name) >= before) throw new EngineError('invalid', `invalid stage index ${Number(name)}`)
  return Number(name)
}

function targetOf({ stages }: Dockerfile, target: string | undefined): number {
  if (!target) return stages.length - 1
  const named = stages.findLastIndex(({ name }) => name === target.toLowerCase())
  const index = named < 0 && /^\d+$/.test(target) ? Number(target) : named
  if (index < 0 || index >= stages.length)
    throw new EngineError('invalid', `target stage ${JSON.stringify(target)} could not be found`)
  return index
}

/** The stages that the target needs, and itself. */
async function reachable(
  file: Dockerfile,
  target: PlannedStage,
  stageAt: (index: number) => Promise<PlannedStage>,
): Promise<readonly PlannedStage[]> {
  const found = new Set<PlannedStage>()
  const visit = async (stage: PlannedStage): Promise<void> => {
    if (found.has(stage)) return
    found.add(stage)
    if (isStage(stage.base)) await visit(stage.base)
    for (const { step } of stage.steps)
      for (const { from } of step.reads ?? []) {
        const index = from === undefined ? undefined : indexOfStage(file, from, stage.index)
        if (index !== undefined) await visit(await stageAt(index))
      }
  }
  await visit(target)
  return [...found].sort((a, b) => a.index - b.index)
}

/** What of the context the steps read; undefined when it may be all. */
function followed(stages: readonly PlannedStage[]): readonly string[] | undefined {
  const paths = stages
    .flatMap(({ steps }) => steps)
    .flatMap(({ step }) => step.reads ?? [])
    .flatMap(({ from, paths }) => (from === undefined ? paths : []))
    .map(path => path.replace(/^[./]*\//, '').replace(/\/+$/, ''))
  if (paths.some(path => path === '' || path === '.' || path.startsWith('..'))) return undefined
  return [...new Set(paths)].sort()
}

/** Shows all steps that there will be, numbered within their stages. */
function announce(
  file: Dockerfile,
  stages: readonly PlannedStage[],
  context: BuildContext,
  progress: Progress,
  baseImages: BaseImages,
): void {
  const needsContext = stages.some(({ steps }) =>
    steps.some(({ step }) => step.reads?.some(({ from, paths }) => from === undefined && paths.length > 0)),
  )
  const client = context instanceof ClientContext ? context : undefined
  if (needsContext && client) {
    client.step = progress.step('[internal] load build context')
    client.step.announce()
  }
  const bases = new Map<string, StepProgress>()
  for (const stage of stages) {
    const name =
      file.stages.length === 1 && baseImages.named.size === 0 ? '' : `${stage.stage.name ?? `stage-${stage.index}`} `
    const hasFrom = stage.base !== undefined && !isStage(stage.base)
    const total = stage.steps.length + (hasFrom ? 1 : 0)
    const width = String(total).length
    let at = 0
    const numbered = (title: string) => `[${name}${String(++at).padStart(width)}/${total}] ${title}`
    let last: StepProgress | undefined
    if (hasFrom && !baseImages.named.has(stage.from)) {
      const reference = formatReference(withDefaultTag(parseReference(stage.from)))
      const title = numbered(`FROM ${reference}`)
      const known = bases.get(`${reference} ${formatPlatform(stage.platform)}`)
      last = known ?? progress.step(title)
      if (!known) {
        bases.set(`${reference} ${formatPlatform(stage.platform)}`, last)
        last.cached()
      }
    }
    for (const step of stage.steps) {
      const reads = step.step.reads?.some(({ from }) => from === undefined) && client?.step ? [client.step] : []
      step.progress = progress.step(numbered(step.title), [...(last ? [last] : []), ...reads])
      step.progress.announce()
      last = step.progress
    }
  }
}

/** Arguments that every Dockerfile may ask for. */
function platformArgs({ target }: GraphOptions, wanted: Platform): Readonly<Record<string, string>> {
  const named = (prefix: string, { os, architecture, variant }: Platform) => ({
    [`${prefix}PLATFORM`]: [os, architecture, variant].filter(Boolean).join('/'),
    [`${prefix}OS`]: os,
    [`${prefix}ARCH`]: architecture,
    [`${prefix}VARIANT`]: variant ?? '',
  })
  return { ...named('BUILD', hostPlatform()), ...named('TARGET', wanted), TARGETSTAGE: target ?? 'default' }
}
