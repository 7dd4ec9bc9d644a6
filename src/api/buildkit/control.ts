import { EngineError } from '../../base/errors.ts'
import type { Attributes, CacheRecordInfo, ExportRequest, Solved, Solver } from '../../spec/engine-api/solver.ts'
import { toBuildError } from './errors.ts'
import { type Call, type Handlers, streaming, unary } from './grpc/server.ts'
import { listenToHistory, shownAttributes, toRecord } from './history.ts'
import { Job, type Jobs, type RunningBuild } from './job.ts'
import { inputsOf, toGraph } from './low-level.ts'
import { toStatus } from './progress.ts'
import type { Sessions } from './sessions.ts'
import { sessionHandler } from './tunnel.ts'
import * as wire from './wire/control.ts'
import { type DecodedOf, empty } from './wire/message.ts'
import { healthRequest, healthResponse } from './wire/session.ts'

type SolveRequest = DecodedOf<typeof wire.solveRequest>

export interface BuildKitDeps {
  readonly solver: Solver
  readonly sessions: Sessions
  readonly jobs: Jobs
}

const buildkitVersion = { package: 'github.com/moby/buildkit', version: 'v0.25.2', revision: '' }

export const workerRecord = (solver: Solver) => {
  const { id, labels, platforms } = solver.worker()
  return {
    ID: id,
    Labels: labels,
    platforms: platforms.map(({ os, architecture, variant }) => ({
      OS: os,
      Architecture: architecture,
      Variant: variant,
    })),
    GCPolicy: [],
    BuildkitVersion: buildkitVersion,
  }
}

function exportsOf({ Exporters, ExporterDeprecated, ExporterAttrsDeprecated }: SolveRequest): readonly ExportRequest[] {
  if (Exporters.length > 0) return Exporters.map(({ Type, Attrs }) => ({ type: Type, attributes: Attrs }))
  return ExporterDeprecated === '' ? [] : [{ type: ExporterDeprecated, attributes: ExporterAttrsDeprecated }]
}

/** With a frontend the engine runs it; without one the client does, through the bridge, until it returns. */
async function solve({ solver, sessions, jobs }: BuildKitDeps, request: SolveRequest, call: Call) {
  if (request.Ref === '') throw new EngineError('invalid', 'no build reference given')
  const client = await sessions.get(request.Session)
  const build = toRunning(request)
  await using job = new Job(client, call.signal, request.Entitlements, request.FrontendInputs)
  using _entry = jobs.add(build, job)
  const finish = (outcome: Parameters<typeof toRecord>[2]) => {
    if (request.Internal) return // a question of the client's own
    const record = toRecord(build, job.reported, outcome)
    solver.history.add(record, job.reported)
    jobs.ended(record)
  }
  try {
    const { response, solved } = await solveAndExport(solver, request, build.exports, job)
    finish({ response, solved })
    return { ExporterResponse: response }
  } catch (error) {
    finish({ error })
    throw error
  }
}

const toRunning = (request: SolveRequest): RunningBuild => ({
  ref: request.Ref,
  frontend: request.Frontend,
  attributes: shownAttributes(request.FrontendAttrs),
  exports: exportsOf(request),
  createdAt: Date.now(),
})

async function solveAndExport(
  solver: Solver,
  request: SolveRequest,
  exports: readonly ExportRequest[],
  job: Job,
): Promise<{ readonly response: Attributes; readonly solved: Solved | undefined }> {
  const { client } = job
  const cache = ({ Type, Attrs }: { readonly Type: string; readonly Attrs: Attributes }) => ({
    type: Type,
    attributes: Attrs,
  })
  const options = {
    frontend: request.Frontend,
    options: request.FrontendAttrs,
    cacheImports: request.Cache?.Imports.map(cache) ?? [],
    inputs: inputsOf(request.FrontendInputs),
    entitlements: request.Entitlements,
    signal: job.signal,
  }
  const definition = request.Definition?.def.length ? toGraph(request.Definition) : undefined
  const isOurs = request.Frontend !== '' || definition !== undefined
  const { solved, metadata } = isOurs
    ? {
        solved: job.add(await job.run(solver.solve({ ...options, definition }, client, job.report))),
        metadata: undefined,
      }
    : await returnedBy(job)
  const cacheExports = request.Cache?.Exports.map(cache) ?? []
  const done = solver.export(solved, exports, cacheExports, client, job.report, { signal: job.signal, metadata })
  return { response: await job.run(done), solved }
}

async function returnedBy(job: Job) {
  const { resultId, error, metadata } = await job.returned.promise
  if (error) throw error
  return { solved: job.solvedWith(resultId), metadata }
}

const toUsage = (record: CacheRecordInfo) => ({
  ID: record.id,
  Mutable: record.mutable,
  InUse: record.inUse,
  Size: record.sizeBytes,
  CreatedAt: record.createdAt,
  LastUsedAt: record.lastUsedAt,
  UsageCount: record.usageCount,
  Description: record.description,
  RecordType: record.type,
  Shared: record.shared,
  Parents: record.parents,
})

/** moby.buildkit.v1.Control, and the checks and traces that its clients send along. */
export function controlHandlers(deps: BuildKitDeps): Handlers {
  const { solver, jobs } = deps
  const control = '/moby.buildkit.v1.Control'
  return {
    [`${control}/Info`]: unary(empty, wire.infoResponse, async () => ({ buildkitVersion })),
    [`${control}/ListWorkers`]: unary(empty, wire.listWorkersResponse, async () => ({
      record: [workerRecord(solver)],
    })),
    [`${control}/Solve`]: unary(wire.solveRequest, wire.solveResponse, async (request, call) => {
      try {
        return await solve(deps, request, call)
      } catch (error) {
        throw toBuildError(error)
      }
    }),
    [`${control}/Status`]: streaming(wire.statusRequest, wire.statusResponse, async function* ({ Ref }, { signal }) {
      const past = solver.history.progress(Ref)
      for await (const progress of past ?? (await jobs.get(Ref)).progress(signal)) yield toStatus(progress)
    }),
    [`${control}/Session`]: sessionHandler(deps.sessions),
    [`${control}/DiskUsage`]: unary(wire.diskUsageRequest, wire.diskUsageResponse, async () => ({
      record: (await solver.usage()).map(toUsage),
    })),
    [`${control}/Prune`]: streaming(wire.pruneRequest, wire.usageRecord, async function* (request) {
      const { filter, all, keepDuration, reservedSpace, maxUsedSpace, minFreeSpace } = request
      const limits = { keepDurationNanos: keepDuration, reservedSpace, maxUsedSpace, minFreeSpace }
      for (const record of await solver.pruneCache({ filters: filter, all, ...limits })) yield toUsage(record)
    }),
    [`${control}/ListenBuildHistory`]: streaming(wire.historyRequest, wire.historyEvent, (request, { signal }) =>
      listenToHistory({ jobs, history: solver.history }, request, signal),
    ),
    [`${control}/UpdateBuildHistory`]: unary(
      wire.updateHistoryRequest,
      empty,
      async ({ Ref, Pinned, Delete, Finalize }) => {
        if (Delete) solver.history.remove(Ref)
        else if (!Finalize) solver.history.pin(Ref, Pinned)
        return {}
      },
    ),
    '/grpc.health.v1.Health/Check': unary(healthRequest, healthResponse, async () => ({ status: 1 })),
    '/opentelemetry.proto.collector.trace.v1.TraceService/Export': unary(empty, empty, async () => ({})),
  }
}
