// Field numbers of package `pb`: https://github.com/moby/buildkit/blob/master/solver/pb/ops.proto
import { bytes, bytesList, int, message, string, sub, subs } from './message.ts'

export const platform = message({ Architecture: string(1), OS: string(2), Variant: string(3), OSVersion: string(4) })
export const position = message({ line: int(1), character: int(2) })
export const range = message({ start: sub(1, position), end: sub(2, position) })
/** Instructions of the low-level builder; only its emptiness matters here. */
export const definition = message({ def: bytesList(1) })
export const sourceInfo = message({
  filename: string(1),
  data: bytes(2),
  definition: sub(3, definition),
  language: string(4),
})
export const progressGroup = message({ id: string(1), name: string(2) })
export const ranges = (no: number) => subs(no, range)
