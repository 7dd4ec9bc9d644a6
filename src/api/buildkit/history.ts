import { withoutPassword } from '../../base/without-password.ts'
import { digestOf } from '../../spec/digest.ts'
import type { BuildAttachment, BuildHistory, BuildRecord } from '../../spec/engine-api/build-history.ts'
import type { Attributes, ExportRequest, Solved, SolveProgress } from '../../spec/engine-api/solver.ts'
import { toBuildError } from './errors.ts'
import type { Jobs, RunningBuild } from './job.ts'

export const eventTypes = { started: 0, complete: 1, deleted: 2 } as const

interface HistoryRequest {
  readonly ActiveOnly: boolean
  readonly Ref: string
  readonly EarlyExit: boolean
  readonly Limit: number
}

const exporters = (exports: readonly ExportRequest[]) =>
  exports.map(({ type, attributes }) => ({ Type: type, Attrs: attributes }))

const toStarted = ({ ref, frontend, attributes, exports, createdAt }: RunningBuild) => ({
  type: eventTypes.started,
  record: {
    Ref: ref,
    Frontend: frontend,
    FrontendAttrs: attributes,
    Exporters: exporters(exports),
    CreatedAt: createdAt,
    Generation: 1,
  },
})

const toDescriptor = ({ predicateType, digest, text }: BuildAttachment) => ({
  media_type: 'application/vnd.in-toto+json',
  digest,
  size: Buffer.byteLength(text),
  annotations: { 'in-toto.io/predicate-type': predicateType },
})

const toComplete = (record: BuildRecord) => ({
  type: eventTypes.complete,
  record: {
    ...toStarted(record).record,
    error: record.error,
    CompletedAt: record.completedAt,
    ExporterResponse: record.response,
    pinned: record.pinned,
    numCachedSteps: record.steps.cached,
    numTotalSteps: record.steps.total,
    numCompletedSteps: record.steps.completed,
    numWarnings: record.warnings,
    ...(record.attachments?.length ? { Result: { Attestations: record.attachments.map(toDescriptor) } } : {}),
  },
})

/** Builds that run and builds that are over, then what becomes of them, until the client has seen enough. */
export async function* listenToHistory(
  { jobs, history }: { readonly jobs: Jobs; readonly history: BuildHistory },
  { ActiveOnly, Ref, EarlyExit, Limit }: HistoryRequest,
  signal: AbortSignal,
) {
  const isWanted = ({ ref }: { readonly ref: string }) => Ref === '' || Ref === ref
  const changes = EarlyExit ? undefined : jobs.changes(signal)
  for (const build of jobs.running().filter(isWanted)) yield toStarted(build)
  if (!ActiveOnly) {
    const done = history.list().filter(isWanted)
    for (const record of Limit > 0 ? done.slice(0, Limit) : done) yield toComplete(record)
  }
  for await (const change of changes ?? []) {
    if (!isWanted(change)) continue
    if ('completedAt' in change) yield toComplete(change)
    else yield toStarted(change)
  }
}

/** What is remembered of what a client asked for: no passwords in addresses. */
export const shownAttributes = (attributes: Attributes): Attributes =>
  Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, withoutPassword(value)]))

interface Outcome {
  readonly response?: Readonly<Record<string, string>>
  readonly error?: unknown
  readonly solved?: Solved | undefined
}

/** What is remembered of a build that is over. */
export function toRecord(build: RunningBuild, progress: readonly SolveProgress[], outcome: Outcome): BuildRecord {
  const vertexes = new Map(progress.flatMap(({ vertexes = [] }) => vertexes).map(vertex => [vertex.digest, vertex]))
  const steps = [...vertexes.values()]
  return {
    ...build,
    completedAt: Date.now(),
    ...(outcome.error === undefined ? {} : { error: toStatus(outcome.error) }),
    response: outcome.response ?? {},
    pinned: false,
    steps: {
      total: steps.length,
      cached: steps.filter(({ cached }) => cached).length,
      completed: steps.filter(({ completed }) => completed !== undefined).length,
    },
    ...(outcome.solved?.statements ? { attachments: outcome.solved.statements().map(toAttachment) } : {}),
    warnings: progress.reduce((sum, { warnings = [] }) => sum + warnings.length, 0),
  }
}

function toAttachment({ predicateType, predicate }: { readonly predicateType: string; readonly predicate: unknown }) {
  const text = JSON.stringify(predicate, null, 2)
  return { predicateType, digest: digestOf(text), text }
}

function toStatus(error: unknown): BuildRecord['error'] {
  const { code, message } = toBuildError(error)
  return { code, message }
}
