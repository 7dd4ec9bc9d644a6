// Field numbers of package `pb`: https://github.com/moby/buildkit/blob/master/solver/pb/ops.proto
import { bool, bytes, bytesList, int, message, string, stringMap, sub, subMap, subs } from './message.ts'

export const platform = message({ Architecture: string(1), OS: string(2), Variant: string(3), OSVersion: string(4) })
export const position = message({ line: int(1), character: int(2) })
export const range = message({ start: sub(1, position), end: sub(2, position) })
const opMetadata = message({ ignoreCache: bool(1), description: stringMap(2) })
/** Instructions of the low-level builder, each as its own message (`ops.ts`), the last one last. */
export const definition = message({ def: bytesList(1), metadata: subMap(2, opMetadata) })
export const sourceInfo = message({
  filename: string(1),
  data: bytes(2),
  definition: sub(3, definition),
  language: string(4),
})
export const progressGroup = message({ id: string(1), name: string(2) })
export const ranges = (no: number) => subs(no, range)
