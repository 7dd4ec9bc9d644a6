// google.rpc.Status, and the details that BuildKit puts in: https://github.com/moby/buildkit/blob/master/solver/errdefs/errdefs.proto
import { bytes, int, message, string, sub, subs } from './message.ts'
import { ranges, sourceInfo } from './pb.ts'

export const any = message({ type_url: string(1), value: bytes(2) })
export const rpcStatus = message({ code: int(1), message: string(2), details: subs(3, any) })
export const sourceDetail = message({ info: sub(1, sourceInfo), ranges: ranges(2) })
export const vertexDetail = message({ digest: string(1) })
