export type TarEntryType = 'file' | 'directory' | 'symlink' | 'link' | 'character' | 'block' | 'fifo'

/**
 * One member of a tar archive. Names are byte strings, one character for each byte (`latin1`),
 * since file names on Linux are bytes: `toByteString` and `fromByteString` convert.
 */
export interface TarEntry {
  readonly name: string
  readonly type: TarEntryType
  /** permission bits with setuid, setgid and sticky */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** bytes of the file as a reader sees it, holes included */
  readonly size: number
  readonly mtimeNanos: bigint
  readonly linkName: string
  readonly major: number
  readonly minor: number
  readonly xattrs: ReadonlyMap<string, Buffer>
}

export const toByteString = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')
export const fromByteString = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8')

/** A plain member with root as its owner, for archives made in memory. */
export const tarEntry = (name: string, fields: Partial<TarEntry> = {}): TarEntry => ({
  name,
  type: 'file',
  mode: fields.type === 'directory' ? 0o755 : 0o644,
  uid: 0,
  gid: 0,
  size: 0,
  mtimeNanos: 0n,
  linkName: '',
  major: 0,
  minor: 0,
  xattrs: new Map(),
  ...fields,
})
