// Field numbers of package `pb`: https://github.com/moby/buildkit/blob/master/solver/pb/ops.proto
import {
  bool,
  bytes,
  int,
  message,
  optionalInt,
  packedInts,
  string,
  stringList,
  stringMap,
  sub,
  subs,
} from './message.ts'
import { platform } from './pb.ts'

const input = message({ digest: string(1), index: int(2) })

const proxy = message({ http: string(1), https: string(2), ftp: string(3), no: string(4), all: string(5) })
const meta = message({
  args: stringList(1),
  env: stringList(2),
  cwd: string(3),
  user: string(4),
  proxy: sub(5, proxy),
  extraHosts: subs(6, message({ host: string(1), ip: string(2) })),
  hostname: string(7),
  ulimits: subs(9, message({ name: string(1), soft: int(2), hard: int(3) })),
  cgroupParent: string(10),
  validExitCodes: packedInts(12),
})
const fileOption = { ID: string(1), uid: int(2), gid: int(3), mode: int(4), optional: bool(5) }
const mount = message({
  input: int(1),
  selector: string(2),
  dest: string(3),
  output: int(4),
  readonly: bool(5),
  /** from 0: bind, secret, ssh, cache, tmpfs */
  type: int(6),
  tmpfs: sub(19, message({ size: int(1) })),
  cache: sub(20, message({ ID: string(1), sharing: int(2) })),
  secret: sub(21, message(fileOption)),
  ssh: sub(22, message(fileOption)),
})
const exec = message({
  meta: sub(1, meta),
  mounts: subs(2, mount),
  network: int(3),
  security: int(4),
  secretEnv: subs(5, message({ ID: string(1), name: string(2), optional: bool(3) })),
})

export const source = message({ identifier: string(1), attributes: stringMap(2) })

const user = message({ byName: sub(1, message({ name: string(1), input: int(2) })), byId: optionalInt(2) })
const owner = message({ user: sub(1, user), group: sub(2, user) })
const copy = message({
  src: string(1),
  dest: string(2),
  owner: sub(3, owner),
  mode: int(4),
  followSymlink: bool(5),
  dirCopyContents: bool(6),
  unpack: bool(7),
  createDestPath: bool(8),
  allowWildcard: bool(9),
  allowEmptyWildcard: bool(10),
  timestamp: int(11),
  include: stringList(12),
  exclude: stringList(13),
  replace: bool(14),
  modeText: string(15),
})
const makeFile = message({ path: string(1), mode: int(2), data: bytes(3), owner: sub(4, owner), timestamp: int(5) })
const makeDirectory = message({
  path: string(1),
  mode: int(2),
  makeParents: bool(3),
  owner: sub(4, owner),
  timestamp: int(5),
})
const remove = message({ path: string(1), allowNotFound: bool(2), allowWildcard: bool(3) })
const makeLink = message({ oldPath: string(1), newPath: string(2), owner: sub(3, owner), timestamp: int(4) })
const action = message({
  input: int(1),
  secondaryInput: int(2),
  output: int(3),
  copy: sub(4, copy),
  makeFile: sub(5, makeFile),
  makeDirectory: sub(6, makeDirectory),
  remove: sub(7, remove),
  makeLink: sub(8, makeLink),
})

const oneInput = message({ input: int(1) })

export const op = message({
  inputs: subs(1, input),
  exec: sub(2, exec),
  source: sub(3, source),
  file: sub(4, message({ actions: subs(2, action) })),
  build: sub(5, message({ builder: int(1) })),
  merge: sub(6, message({ inputs: subs(1, oneInput) })),
  diff: sub(7, message({ lower: sub(1, oneInput), upper: sub(2, oneInput) })),
  platform: sub(10, platform),
})
