import type { TarEntry, TarEntryType } from './tar-entry.ts'
import { blockSize, checksumOf, paddingOf } from './tar-fields.ts'

const flags: Readonly<Record<TarEntryType, string>> = {
  file: '0',
  link: '1',
  symlink: '2',
  character: '3',
  block: '4',
  directory: '5',
  fifo: '6',
}

/** What an archive ends with. */
export const tarTrailer: Buffer = Buffer.alloc(2 * blockSize)

/** Zeros that follow `size` bytes of data. */
export const tarPadding = (size: number): Buffer => Buffer.alloc(paddingOf(size))

/** The header of one member, with PAX records before it where ustar has no room. The same entry gives the same bytes. */
export function encodeTarHeader(entry: TarEntry): Buffer {
  const size = entry.type === 'file' ? entry.size : 0
  const records = paxRecords(entry, size)
  const header = ustar(entry, flags[entry.type], size)
  if (records.length === 0) return header
  const body = Buffer.from(records.map(([key, value]) => paxRecord(key, value)).join(''), 'latin1')
  const name = `PaxHeaders.0/${entry.name.split('/').filter(Boolean).at(-1) ?? ''}`.slice(0, 100)
  const meta = ustar({ ...entry, name, linkName: '', mode: 0o644, uid: 0, gid: 0, mtimeNanos: 0n }, 'x', body.length)
  return Buffer.concat([meta, body, tarPadding(body.length), header])
}

function paxRecords(entry: TarEntry, size: number): [string, string][] {
  const isWide = (text: string) => /[^\x01-\x7f]/.test(text)
  const records: [string, string][] = []
  const seconds = entry.mtimeNanos / 1_000_000_000n
  if (entry.name.length > 100 || isWide(entry.name)) records.push(['path', entry.name])
  if (entry.linkName.length > 100 || isWide(entry.linkName)) records.push(['linkpath', entry.linkName])
  if (size > 0o77777777777) records.push(['size', String(size)])
  if (entry.uid > 0o7777777) records.push(['uid', String(entry.uid)])
  if (entry.gid > 0o7777777) records.push(['gid', String(entry.gid)])
  if (entry.mtimeNanos % 1_000_000_000n || seconds < 0n || seconds > 0o77777777777n)
    records.push(['mtime', paxTime(entry.mtimeNanos)])
  for (const [key, value] of entry.xattrs) records.push([`SCHILY.xattr.${key}`, value.toString('latin1')])
  return records.sort(([a], [b]) => (a < b ? -1 : 1))
}

function paxTime(nanos: bigint): string {
  const absolute = nanos < 0n ? -nanos : nanos
  const fraction = (absolute % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '')
  return `${nanos < 0n ? '-' : ''}${absolute / 1_000_000_000n}${fraction && `.${fraction}`}`
}

function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`
  let length = rest.length + String(rest.length).length
  length = rest.length + String(length).length
  return `${length}${rest}`
}

function ustar(entry: TarEntry, flag: string, size: number): Buffer {
  const block = Buffer.alloc(blockSize)
  const octal = (value: number, start: number, length: number) =>
    block.write(
      value
        .toString(8)
        .padStart(length - 1, '0')
        .slice(-(length - 1)),
      start,
      'latin1',
    )
  const fit = (value: number, limit: number) => (value >= 0 && value <= limit ? value : 0)
  block.write(entry.name.slice(0, 100), 0, 'latin1')
  octal(entry.mode, 100, 8)
  octal(fit(entry.uid, 0o7777777), 108, 8)
  octal(fit(entry.gid, 0o7777777), 116, 8)
  octal(fit(size, 0o77777777777), 124, 12)
  octal(fit(Number(entry.mtimeNanos / 1_000_000_000n), 0o77777777777), 136, 12)
  block.write(flag, 156, 'latin1')
  block.write(entry.linkName.slice(0, 100), 157, 'latin1')
  block.write('ustar\x0000', 257, 'latin1')
  octal(entry.major, 329, 8)
  octal(entry.minor, 337, 8)
  octal(checksumOf(block), 148, 7)
  block[155] = 32
  return block
}
