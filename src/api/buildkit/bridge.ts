import type { FileStat, Solved } from '../../spec/engine-api/solver.ts'
import { builderCaps, frontendCaps } from './caps.ts'
import { type BuildKitDeps, workerRecord } from './control.ts'
import { toBuildError } from './errors.ts'
import { type Call, type Handlers, unary } from './grpc/server.ts'
import { GrpcError } from './grpc/status.ts'
import { definitionOf, inputsOf, toGraph } from './low-level.ts'
import * as wire from './wire/gateway.ts'
import { type DecodedOf, empty } from './wire/message.ts'
import { rpcStatus } from './wire/status.ts'

type Result = DecodedOf<typeof wire.result>

/** The result that a client hands back, whichever way it is written. */
function idOf(result: Result | undefined): string | undefined {
  const byPlatform = Object.values(result?.refs?.refs ?? {}).find(Boolean)
  return result?.ref?.id || result?.refDeprecated || byPlatform?.id || undefined
}

function toResult({ results, metadata }: Solved) {
  const ids = results
    ? [...results].map(([platform, { id }]) => [platform, { id, def: definitionOf(id) }] as const)
    : []
  const isMap = ids.length > 1 || (ids.length === 1 && ids[0]![0] !== '')
  return {
    metadata,
    ...(isMap ? { refs: { refs: Object.fromEntries(ids) } } : { ref: ids[0]?.[1] ?? { id: '' } }),
  }
}

/** The path of the service that frontends talk to. */
export const bridge = '/moby.buildkit.v1.frontend.LLBBridge'

const fromStat = (stat: FileStat) => ({
  path: stat.path,
  mode: stat.mode,
  uid: stat.uid,
  gid: stat.gid,
  size: stat.size,
  modTime: stat.modTimeNanos,
  linkname: stat.linkName,
})

/** moby.buildkit.v1.frontend.LLBBridge: what a client that runs the frontend itself asks of a build that waits for it. */
export function bridgeHandlers({ solver, jobs }: BuildKitDeps): Handlers {
  const jobOf = ({ metadata }: Call) => jobs.get(String(metadata['buildkit-controlapi-buildid'] ?? ''))

  const solve = async (request: DecodedOf<typeof wire.solveRequest>, call: Call) => {
    const job = await jobOf(call)
    const definition = request.Definition?.def.length ? toGraph(request.Definition) : undefined
    if (request.Frontend === '' && !definition) return { result: { ref: { id: '' } } }
    const options = {
      frontend: request.Frontend,
      options: request.FrontendOpt,
      cacheImports: request.CacheImports.map(({ Type, Attrs }) => ({ type: Type, attributes: Attrs })),
      definition,
      inputs: inputsOf(request.FrontendInputs),
      entitlements: job.entitlements,
      signal: AbortSignal.any([job.signal, call.signal]),
    }
    return { result: toResult(job.add(await job.run(solver.solve(options, job.client, job.report)))) }
  }

  return {
    [`${bridge}/Ping`]: unary(empty, wire.pong, async (_, call) => {
      await jobOf(call)
      return { FrontendAPICaps: frontendCaps, LLBCaps: builderCaps, Workers: [workerRecord(solver)] }
    }),
    [`${bridge}/Solve`]: unary(wire.solveRequest, wire.solveResponse, async (request, call) => {
      try {
        return await solve(request, call)
      } catch (error) {
        throw toBuildError(error)
      }
    }),
    [`${bridge}/Return`]: unary(wire.returnRequest, empty, async ({ result, error }, call) => {
      const { returned } = await jobOf(call)
      const failure = error && new GrpcError(error.code, error.message, rpcStatus.encode(error))
      returned.resolve({ resultId: idOf(result), error: failure, metadata: result?.metadata ?? {} })
      return {}
    }),
    [`${bridge}/Evaluate`]: unary(wire.evaluateRequest, empty, async ({ Ref }, call) => {
      ;(await jobOf(call)).result(Ref)
      return {}
    }),
    [`${bridge}/ReadFile`]: unary(wire.readFileRequest, wire.readFileResponse, async (request, call) => {
      const { Ref, FilePath, Range } = request
      const range = Range && { offset: Range.Offset, length: Range.Length }
      return { Data: await (await jobOf(call)).result(Ref).readFile(FilePath, range) }
    }),
    [`${bridge}/ReadDir`]: unary(wire.readDirRequest, wire.readDirResponse, async (request, call) => {
      const { Ref, DirPath, IncludePattern } = request
      const entries = await (await jobOf(call)).result(Ref).readDirectory(DirPath, IncludePattern)
      return { entries: entries.map(fromStat) }
    }),
    [`${bridge}/StatFile`]: unary(wire.statFileRequest, wire.statFileResponse, async ({ Ref, Path }, call) => ({
      stat: fromStat(await (await jobOf(call)).result(Ref).stat(Path)),
    })),
  }
}
