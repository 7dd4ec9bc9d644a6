import { ExtData, encode } from '@msgpack/msgpack'
import type { RemoteLogSettings } from '../../protocol.ts'
import type { LogEntry } from '../line-splitter.ts'
import { parseAddress } from './address.ts'
import { Link } from './link.ts'
import type { Sink } from './remote-log.ts'

const eventTimeType = 0

/** Seconds, or the extension that holds nanoseconds as well. */
function timeOf(nanos: bigint, isPrecise: boolean): number | ExtData {
  const seconds = Number(nanos / 1_000_000_000n)
  if (!isPrecise) return seconds
  const bytes = new DataView(new ArrayBuffer(8))
  bytes.setUint32(0, seconds)
  bytes.setUint32(4, Number(nanos % 1_000_000_000n))
  return new ExtData(eventTimeType, new Uint8Array(bytes.buffer))
}

/** Spec: https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1 (message mode) */
export async function openFluentd({ options, tag, container, attrs }: RemoteLogSettings): Promise<Sink> {
  const address = parseAddress('fluentd-address', options['fluentd-address'] ?? 'tcp://127.0.0.1:24224', 24224)
  const isPrecise = options['fluentd-sub-second-precision'] === 'true'
  const target = address.path ? { path: address.path } : { host: address.host, port: address.port }
  const link = await Link.open(target, options['fluentd-async'] !== 'true')
  const message = ({ bytes, output, isWhole, nanos }: LogEntry) => [
    tag,
    timeOf(nanos, isPrecise),
    {
      container_id: container.id,
      container_name: container.name,
      source: output,
      log: bytes.toString('utf8'),
      ...attrs,
      ...(!isWhole && { partial_message: 'true' }),
    },
  ]
  return {
    send: entry => link.write(Buffer.from(encode(message(entry)))),
    get pendingBytes() {
      return link.pendingBytes
    },
    drained: () => link.drained(),
    close: () => link.close(),
  }
}
