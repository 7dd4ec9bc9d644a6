import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import type { RemoteLogSettings } from '../../protocol.ts'
import type { LogEntry } from '../line-splitter.ts'
import { parseAddress } from './address.ts'
import { openUdp, openUnixDatagrams } from './datagrams.ts'
import { Link } from './link.ts'
import type { Sink } from './remote-log.ts'

const facilities =
  'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp - - - - local0 local1 local2 local3 local4 local5 local6 local7'.split(
    ' ',
  )
const severities = { stdout: 6, stderr: 3 } as const
const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')
const localSockets = ['/dev/log', '/var/run/syslog', '/var/run/log']

const two = (value: number): string => String(value).padStart(2, '0')

const bsdTime = (date: Date): string =>
  `${months[date.getMonth()]} ${String(date.getDate()).padStart(2)} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`

type Format = (entry: LogEntry, priority: number) => string

function formatOf({ options, tag }: RemoteLogSettings): Format {
  const [host, pid] = [hostname(), process.pid]
  const time = ({ nanos }: LogEntry) => new Date(Number(nanos / 1_000_000n))
  const micros = ({ nanos }: LogEntry) =>
    `${new Date(Number(nanos / 1_000_000n)).toISOString().slice(0, 19)}.${String((nanos / 1000n) % 1_000_000n).padStart(6, '0')}Z`
  const modern =
    (when: (entry: LogEntry) => string): Format =>
    (entry, priority) =>
      `<${priority}>1 ${when(entry)} ${host} ${tag} ${pid} ${tag} - ${entry.bytes.toString('utf8')}`
  switch (options['syslog-format']) {
    case 'rfc5424':
      return modern(entry => `${time(entry).toISOString().slice(0, 19)}Z`)
    case 'rfc5424micro':
      return modern(micros)
    default:
      return (entry, priority) =>
        `<${priority}>${bsdTime(time(entry))} ${host} ${tag}[${pid}]: ${entry.bytes.toString('utf8')}`
  }
}

function facilityOf(text = 'daemon'): number {
  const number = /^\d+$/.test(text) ? Number(text) : facilities.indexOf(text)
  if (number < 0 || number > 23) throw new Error('invalid syslog facility')
  return number
}

const tlsOf = (options: RemoteLogSettings['options']) => ({
  ...(options['syslog-tls-ca-cert'] && { ca: readFileSync(options['syslog-tls-ca-cert']) }),
  ...(options['syslog-tls-cert'] && { cert: readFileSync(options['syslog-tls-cert']) }),
  ...(options['syslog-tls-key'] && { key: readFileSync(options['syslog-tls-key']) }),
  rejectUnauthorized: options['syslog-tls-skip-verify'] === undefined,
})

/** Spec: https://www.rfc-editor.org/rfc/rfc3164, https://www.rfc-editor.org/rfc/rfc5424 */
export async function openSyslog(settings: RemoteLogSettings): Promise<Sink> {
  const { options } = settings
  const format = formatOf(settings)
  const facility = facilityOf(options['syslog-facility'])
  const address = parseAddress('syslog-address', options['syslog-address'] ?? 'unixgram://', 514)
  const message = (entry: LogEntry) => format(entry, facility * 8 + severities[entry.output])
  if (address.protocol === 'udp' || address.protocol.startsWith('unixgram')) {
    const socket = address.protocol === 'udp' ? await openUdp(address.host, address.port) : openLocal(address.path)
    return {
      send: entry => socket.send(Buffer.from(message(entry))),
      pendingBytes: 0,
      drained: async () => {},
      close: () => socket.close(),
    }
  }
  const isTls = address.protocol === 'tcp+tls'
  const link = await Link.open(
    address.path ? { path: address.path } : { ...address, tls: isTls ? tlsOf(options) : undefined },
    true,
  )
  const isCounted = options['syslog-format']?.startsWith('rfc5424') ?? false
  return {
    send: entry => {
      const text = message(entry)
      link.write(Buffer.from(isCounted ? `${Buffer.byteLength(text)} ${text}` : `${text}\n`))
    },
    get pendingBytes() {
      return link.pendingBytes
    },
    drained: () => link.drained(),
    close: () => link.close(),
  }
}

function openLocal(path: string) {
  for (const candidate of path ? [path] : localSockets) {
    try {
      return openUnixDatagrams(candidate)
    } catch {
      // the next one, then
    }
  }
  throw new Error('Unix syslog delivery error')
}
