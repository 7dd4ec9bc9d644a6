import type { RemoteLogSettings } from '../../protocol.ts'
import type { LogEntry } from '../line-splitter.ts'
import { openUnixDatagrams } from './datagrams.ts'
import type { Sink } from './remote-log.ts'

const socketPath = '/run/systemd/journal/socket'
const priorities = { stdout: '6', stderr: '3' } as const

/** One field: by its length where its value has line breaks. */
function field(name: string, value: string | Buffer): Buffer {
  const bytes = Buffer.from(value)
  if (!bytes.includes(0x0a)) return Buffer.concat([Buffer.from(`${name}=`), bytes, Buffer.from('\n')])
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(bytes.length))
  return Buffer.concat([Buffer.from(`${name}\n`), length, bytes, Buffer.from('\n')])
}

const nameOf = (key: string): string =>
  key
    .toUpperCase()
    .replace(/[^A-Z0-9_]/g, '_')
    .replace(/^_+/, '')

/** Spec: https://systemd.io/JOURNAL_NATIVE_PROTOCOL/ */
export async function openJournald({ container, tag, attrs }: RemoteLogSettings): Promise<Sink> {
  const socket = openJournal()
  const constant = Buffer.concat([
    field('CONTAINER_ID', container.id.slice(0, 12)),
    field('CONTAINER_ID_FULL', container.id),
    field('CONTAINER_NAME', container.name),
    field('CONTAINER_TAG', tag),
    field('IMAGE_NAME', container.imageName),
    field('SYSLOG_IDENTIFIER', tag),
    ...Object.entries(attrs).map(([key, value]) => field(nameOf(key), value)),
  ])
  const message = ({ output, bytes, isWhole }: LogEntry) =>
    Buffer.concat([
      field('MESSAGE', bytes),
      field('PRIORITY', priorities[output]),
      constant,
      ...(isWhole ? [] : [field('CONTAINER_PARTIAL_MESSAGE', 'true')]),
    ])
  return {
    send: entry => socket.send(message(entry)),
    pendingBytes: 0,
    drained: async () => {},
    close: () => socket.close(),
  }
}

function openJournal() {
  try {
    return openUnixDatagrams(socketPath)
  } catch (cause) {
    throw new Error('journald is not enabled on this host', { cause })
  }
}
