import type { DirectorySink, DirectorySource, FileStat } from '../../spec/engine-api/solver.ts'
import type { OpenCall } from './grpc/client.ts'
import { codes, GrpcError } from './grpc/status.ts'
import { packet, packetTypes } from './wire/fsutil.ts'
import type { DecodedOf } from './wire/message.ts'

type Packet = DecodedOf<typeof packet>
const pieceSize = 32 << 10

const toStat = (stat: NonNullable<Packet['stat']>): FileStat => ({
  path: stat.path,
  mode: stat.mode,
  uid: stat.uid,
  gid: stat.gid,
  size: stat.size,
  modTimeNanos: stat.modTime,
  linkName: stat.linkname,
  deviceMajor: stat.devmajor,
  deviceMinor: stat.devminor,
})

/** Takes the directory that the other side of `call` sends: entries, then the contents that `sink` asks for. */
export async function receiveFiles(call: OpenCall, sink: DirectorySink): Promise<void> {
  const asked = new Map<number, string>()
  let count = 0
  let isListed = false
  let isFinished = false
  const finish = async () => {
    if (!isListed || asked.size > 0 || isFinished) return
    isFinished = true
    await call.send(packet.encode({ type: packetTypes.finish }))
  }
  for await (const bytes of call.messages) {
    const { type, stat, ID, data } = packet.decode(bytes)
    if (type === packetTypes.error) throw new GrpcError(codes.unknown, Buffer.from(data).toString('utf8'))
    if (type === packetTypes.finish) {
      call.end()
      continue
    }
    if (type === packetTypes.stat) {
      if (!stat) {
        isListed = true
        await finish()
        continue
      }
      const id = count++
      if (!sink.entry(toStat(stat))) continue
      asked.set(id, stat.path)
      await call.send(packet.encode({ type: packetTypes.request, ID: id }))
    }
    const path = asked.get(ID)
    if (type !== packetTypes.data || path === undefined) continue
    if (data.length > 0) await sink.data(path, data)
    else {
      asked.delete(ID)
      await sink.end(path)
      await finish()
    }
  }
}

/** Sends a directory to the other side of `call`, and the contents that it asks for. */
export async function sendFiles(call: OpenCall, source: DirectorySource): Promise<void> {
  const paths: string[] = []
  const send = (value: Parameters<typeof packet.encode>[0]) => call.send(packet.encode(value))
  const list = async () => {
    for await (const each of source.entries()) {
      paths.push(each.path)
      await send({ type: packetTypes.stat, stat: fromStat(each) })
    }
    await send({ type: packetTypes.stat })
  }
  const answer = async () => {
    let last: Promise<void> = Promise.resolve()
    for await (const bytes of call.messages) {
      const { type, ID, data } = packet.decode(bytes)
      if (type === packetTypes.error) throw new GrpcError(codes.unknown, Buffer.from(data).toString('utf8'))
      if (type === packetTypes.request) last = last.then(() => content(ID))
      if (type === packetTypes.finish) {
        await last
        await send({ type: packetTypes.finish })
        call.end()
      }
    }
  }
  const content = async (ID: number) => {
    for await (const chunk of source.open(paths[ID]!))
      for (let at = 0; at < chunk.length; at += pieceSize)
        await send({ type: packetTypes.data, ID, data: chunk.subarray(at, at + pieceSize) })
    await send({ type: packetTypes.data, ID })
  }
  await Promise.all([list(), answer()])
}

const fromStat = (stat: FileStat) => ({
  path: stat.path,
  mode: stat.mode,
  uid: stat.uid,
  gid: stat.gid,
  size: stat.size,
  modTime: stat.modTimeNanos,
  linkname: stat.linkName,
  devmajor: stat.deviceMajor,
  devminor: stat.deviceMinor,
})
