import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { deflateSync, gzipSync } from 'node:zlib'
import type { RemoteLogSettings } from '../../protocol.ts'
import type { LogEntry } from '../line-splitter.ts'
import { parseAddress } from './address.ts'
import { openUdp } from './datagrams.ts'
import { Link } from './link.ts'
import type { Sink } from './remote-log.ts'

const chunkBytes = 1408
const maxChunks = 128
const levels = { stdout: 6, stderr: 3 } as const

const compressors = { gzip: gzipSync, zlib: deflateSync, none: (bytes: Buffer) => bytes } as const

/** A message that fits no datagram travels in several. */
function* chunks(message: Buffer): Generator<Buffer> {
  if (message.length <= chunkBytes + 12) return yield message
  const count = Math.ceil(message.length / chunkBytes)
  if (count > maxChunks) return // the specification allows no more
  const id = randomBytes(8)
  for (let i = 0; i < count; i++)
    yield Buffer.concat([
      Buffer.of(0x1e, 0x0f),
      id,
      Buffer.of(i, count),
      message.subarray(i * chunkBytes, (i + 1) * chunkBytes),
    ])
}

function encoder({ container, attrs, tag }: RemoteLogSettings): (entry: LogEntry) => Buffer {
  const extra = Object.fromEntries(Object.entries(attrs).map(([key, value]) => [`_${key}`, value]))
  const constant = {
    version: '1.1',
    host: hostname(),
    _command: container.command,
    _container_id: container.id,
    _container_name: container.name,
    _created: container.created,
    _image_id: container.imageId,
    _image_name: container.imageName,
    _tag: tag,
    ...extra,
  }
  return ({ bytes, nanos, output }) =>
    Buffer.from(
      JSON.stringify({
        ...constant,
        short_message: bytes.toString('utf8'),
        timestamp: Number(nanos / 1_000_000n) / 1000,
        level: levels[output],
      }),
    )
}

/** Spec: https://go2docs.graylog.org/current/getting_in_log_data/gelf.html */
export async function openGelf(settings: RemoteLogSettings): Promise<Sink> {
  const { options } = settings
  const address = parseAddress('gelf-address', options['gelf-address'] ?? '', 12201)
  const encode = encoder(settings)
  if (address.protocol === 'udp') {
    const compress = compressors[(options['gelf-compression-type'] ?? 'gzip') as keyof typeof compressors]
    const socket = await openUdp(address.host, address.port)
    return {
      send: entry => {
        if (entry.bytes.length === 0) return // Graylog refuses empty messages
        for (const chunk of chunks(compress(encode(entry)))) socket.send(chunk)
      },
      pendingBytes: 0,
      drained: async () => {},
      close: () => socket.close(),
    }
  }
  const retrySeconds = Number(options['gelf-tcp-reconnect-delay'] ?? 1)
  const link = await Link.open({ host: address.host, port: address.port, retryMillis: retrySeconds * 1000 }, true)
  return {
    send: entry => {
      if (entry.bytes.length > 0) link.write(Buffer.concat([encode(entry), Buffer.of(0)]))
    },
    get pendingBytes() {
      return link.pendingBytes
    },
    drained: () => link.drained(),
    close: () => link.close(),
  }
}
