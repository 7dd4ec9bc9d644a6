// Field numbers of moby.buildkit.v1.frontend: https://github.com/moby/buildkit/blob/master/frontend/gateway/pb/gateway.proto
import { workerRecord } from './control.ts'
import { stat } from './fsutil.ts'
import { bool, bytes, bytesList, bytesMap, int, message, string, stringMap, sub, subMap, subs } from './message.ts'
import { source } from './ops.ts'
import { definition, platform, ranges, sourceInfo } from './pb.ts'
import { rpcStatus } from './status.ts'

const cap = message({ ID: string(1), Enabled: bool(2), Deprecated: bool(3) })
export const pong = message({ FrontendAPICaps: subs(1, cap), LLBCaps: subs(2, cap), Workers: subs(3, workerRecord) })

const ref = message({ id: string(1), def: sub(2, definition) })
const refMap = message({ refs: subMap(1, ref) })
export const result = message({
  refDeprecated: string(1),
  ref: sub(3, ref),
  refs: sub(4, refMap),
  metadata: bytesMap(10),
})
const cacheEntry = message({ Type: string(1), Attrs: stringMap(2) })
export const solveRequest = message({
  Definition: sub(1, definition),
  Frontend: string(2),
  FrontendOpt: stringMap(3),
  allowResultReturn: bool(5),
  allowResultArrayRef: bool(6),
  CacheImports: subs(12, cacheEntry),
  FrontendInputs: subMap(13, definition),
  Evaluate: bool(14),
})
export const solveResponse = message({ ref: string(1), result: sub(3, result) })
export const returnRequest = message({ result: sub(1, result), error: sub(2, rpcStatus) })

const fileRange = message({ Offset: int(1), Length: int(2) })
export const readFileRequest = message({ Ref: string(1), FilePath: string(2), Range: sub(3, fileRange) })
export const readFileResponse = message({ Data: bytes(1) })
export const readDirRequest = message({ Ref: string(1), DirPath: string(2), IncludePattern: string(3) })
export const readDirResponse = message({ entries: subs(1, stat) })
export const statFileRequest = message({ Ref: string(1), Path: string(2) })
export const statFileResponse = message({ stat: sub(1, stat) })
export const evaluateRequest = message({ Ref: string(1) })
export const resolveImageRequest = message({
  Ref: string(1),
  Platform: sub(2, platform),
  ResolveMode: string(3),
  LogName: string(4),
})
export const resolveImageResponse = message({ Digest: string(1), Config: bytes(2), Ref: string(3) })
export const resolveSourceRequest = message({
  Source: sub(1, source),
  Platform: sub(2, platform),
  LogName: string(3),
  ResolveMode: string(4),
})
const resolvedImage = message({ Digest: string(1), Config: bytes(2) })
export const resolveSourceResponse = message({ Source: sub(1, source), Image: sub(2, resolvedImage) })
export const inputsResponse = message({ Definitions: subMap(1, definition) })
export const warnRequest = message({
  digest: string(1),
  level: int(2),
  short: bytes(3),
  detail: bytesList(4),
  url: string(5),
  info: sub(6, sourceInfo),
  ranges: ranges(7),
})
