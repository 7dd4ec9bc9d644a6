import { attribute, type NetlinkMessage, nested, netlinkFlags, text, u32 } from './netlink.ts'

const [newQdisc, newFilter] = [36, 44]
const [clsact, ingress] = [0xfffffff1, 0xfffffff2]
const { create, exclusive } = netlinkFlags

function tcmsg(index: number, handle: number, parent: number, info = 0): Buffer {
  const out = Buffer.alloc(20)
  out.writeInt32LE(index, 4)
  out.writeUInt32LE(handle, 8)
  out.writeUInt32LE(parent, 12)
  out.writeUInt32LE(info, 16)
  return out
}

/** Runs a classifier of `loadClassifier` on every packet that comes in by the link; the link must be new. */
export function classifyIncoming(index: number, program: number, name: string): NetlinkMessage[] {
  const kind = (value: string) => attribute(1, text(value))
  const everyProtocol = 0x0300
  const options = nested(2, attribute(6, u32(program)), attribute(7, text(name)), attribute(8, u32(1)))
  const filter = Buffer.concat([tcmsg(index, 0, ingress, (1 << 16) | everyProtocol), kind('bpf'), options])
  return [
    {
      type: newQdisc,
      flags: create | exclusive,
      body: Buffer.concat([tcmsg(index, 0xffff0000, clsact), kind('clsact')]),
      subject: `add clsact to link ${index}`,
    },
    { type: newFilter, flags: create | exclusive, body: filter, subject: `add filter to link ${index}` },
  ]
}
