// Field numbers of moby.buildkit.v1: https://github.com/moby/buildkit/blob/master/api/services/control/control.proto
import {
  bool,
  bytes,
  bytesList,
  int,
  message,
  string,
  stringList,
  stringMap,
  sub,
  subMap,
  subs,
  timestamp,
} from './message.ts'
import { definition, platform, progressGroup, ranges, sourceInfo } from './pb.ts'
import { rpcStatus } from './status.ts'

export const exporter = message({ Type: string(1), Attrs: stringMap(2) })
const cacheEntry = message({ Type: string(1), Attrs: stringMap(2) })
const cacheOptions = message({ Exports: subs(4, cacheEntry), Imports: subs(5, cacheEntry) })

export const solveRequest = message({
  Ref: string(1),
  Definition: sub(2, definition),
  ExporterDeprecated: string(3),
  ExporterAttrsDeprecated: stringMap(4),
  Session: string(5),
  Frontend: string(6),
  FrontendAttrs: stringMap(7),
  Cache: sub(8, cacheOptions),
  Entitlements: stringList(9),
  FrontendInputs: subMap(10, definition),
  Internal: bool(11),
  Exporters: subs(13, exporter),
  EnableSessionExporter: bool(14),
})
export const solveResponse = message({ ExporterResponse: stringMap(1) })

const vertex = message({
  digest: string(1),
  inputs: stringList(2),
  name: string(3),
  cached: bool(4),
  started: timestamp(5),
  completed: timestamp(6),
  error: string(7),
  progressGroup: sub(8, progressGroup),
})
const vertexStatus = message({
  ID: string(1),
  vertex: string(2),
  name: string(3),
  current: int(4),
  total: int(5),
  timestamp: timestamp(6),
  started: timestamp(7),
  completed: timestamp(8),
})
const vertexLog = message({ vertex: string(1), timestamp: timestamp(2), stream: int(3), msg: bytes(4) })
const vertexWarning = message({
  vertex: string(1),
  level: int(2),
  short: bytes(3),
  detail: bytesList(4),
  url: string(5),
  info: sub(6, sourceInfo),
  ranges: ranges(7),
})
export const statusRequest = message({ Ref: string(1) })
export const statusResponse = message({
  vertexes: subs(1, vertex),
  statuses: subs(2, vertexStatus),
  logs: subs(3, vertexLog),
  warnings: subs(4, vertexWarning),
})

export const bytesMessage = message({ data: bytes(1) })

const version = message({ package: string(1), version: string(2), revision: string(3) })
const gcPolicy = message({
  all: bool(1),
  keepDuration: int(2),
  filters: stringList(4),
  reservedSpace: int(3),
  maxUsedSpace: int(5),
  minFreeSpace: int(6),
})
export const workerRecord = message({
  ID: string(1),
  Labels: stringMap(2),
  platforms: subs(3, platform),
  GCPolicy: subs(4, gcPolicy),
  BuildkitVersion: sub(5, version),
})
export const listWorkersResponse = message({ record: subs(1, workerRecord) })
export const infoResponse = message({ buildkitVersion: sub(1, version) })

export const usageRecord = message({
  ID: string(1),
  Mutable: bool(2),
  InUse: bool(3),
  Size: int(4),
  CreatedAt: timestamp(6),
  LastUsedAt: timestamp(7),
  UsageCount: int(8),
  Description: string(9),
  RecordType: string(10),
  Shared: bool(11),
  Parents: stringList(12),
})
export const diskUsageRequest = message({ filter: stringList(1), ageLimit: int(2) })
export const diskUsageResponse = message({ record: subs(1, usageRecord) })
export const pruneRequest = message({
  filter: stringList(1),
  all: bool(2),
  keepDuration: int(3),
  reservedSpace: int(4),
  maxUsedSpace: int(5),
  minFreeSpace: int(6),
})

const descriptor = message({ media_type: string(1), digest: string(2), size: int(3), annotations: stringMap(5) })
const buildResult = message({ Attestations: subs(2, descriptor) })
const historyRecord = message({
  Ref: string(1),
  Frontend: string(2),
  FrontendAttrs: stringMap(3),
  Exporters: subs(4, exporter),
  error: sub(5, rpcStatus),
  CreatedAt: timestamp(6),
  CompletedAt: timestamp(7),
  logs: sub(8, descriptor),
  ExporterResponse: stringMap(9),
  Result: sub(10, buildResult),
  Results: subMap(11, buildResult),
  Generation: int(12),
  pinned: bool(14),
  numCachedSteps: int(15),
  numTotalSteps: int(16),
  numCompletedSteps: int(17),
  numWarnings: int(19),
})
export const historyRequest = message({
  ActiveOnly: bool(1),
  Ref: string(2),
  EarlyExit: bool(3),
  Filter: stringList(4),
  Limit: int(5),
})
export const historyEvent = message({ type: int(1), record: sub(2, historyRecord) })
export const updateHistoryRequest = message({ Ref: string(1), Pinned: bool(2), Delete: bool(3), Finalize: bool(4) })
