// Field numbers of fsutil.types: https://github.com/tonistiigi/fsutil/tree/master/types
import { bigint, bytes, bytesMap, int, message, string, sub } from './message.ts'

export const stat = message({
  path: string(1),
  mode: int(2),
  uid: int(3),
  gid: int(4),
  size: int(5),
  modTime: bigint(6),
  linkname: string(7),
  devmajor: int(8),
  devminor: int(9),
  xattrs: bytesMap(10),
})
/** What a packet is about; the numbers are the protocol's. */
export const packetTypes = { stat: 0, request: 1, data: 2, finish: 3, error: 4 } as const
export const packet = message({ type: int(1), stat: sub(2, stat), ID: int(3), data: bytes(4) })
