// Field numbers of containerd's content service: https://github.com/containerd/containerd/blob/main/api/services/content/v1/content.proto
import { bytes, int, message, string, sub } from './message.ts'

export const infoRequest = message({ digest: string(1) })
export const infoResponse = message({ info: sub(1, message({ digest: string(1), size: int(2) })) })
export const readRequest = message({ digest: string(1), offset: int(2), size: int(3) })
export const readResponse = message({ offset: int(1), data: bytes(2) })

export const writeActions = { stat: 0, write: 1, commit: 2 } as const
export const writeRequest = message({
  action: int(1),
  ref: string(2),
  total: int(3),
  expected: string(4),
  offset: int(5),
  data: bytes(6),
})
export const writeResponse = message({ action: int(1), offset: int(4), total: int(5), digest: string(6) })
