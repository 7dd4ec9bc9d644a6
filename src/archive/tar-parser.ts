import { EngineError } from '../base/errors.ts'
import type { TarEntry, TarEntryType } from './tar-entry.ts'
import {
  badTar,
  blockSize,
  checksumOf,
  numberField,
  paddingOf,
  parsePax,
  parsePaxTime,
  textField,
} from './tar-fields.ts'

export interface TarHandler {
  entry(entry: TarEntry): void
  /** Bytes of the current file that belong at `offset`; what no call covers is a hole. */
  data(chunk: Buffer, offset: number): void
  endEntry(): void
}

interface Extent {
  readonly offset: number
  readonly size: number
}

const types: Readonly<Record<string, TarEntryType>> = {
  '\0': 'file',
  '0': 'file',
  '7': 'file',
  S: 'file',
  '1': 'link',
  '2': 'symlink',
  '3': 'character',
  '4': 'block',
  '5': 'directory',
  '6': 'fifo',
}

/** Names and PAX records longer than this come from nobody who means well. */
const metaLimit = 1 << 20
const extentLimit = 1 << 16

/**
 * Reads a tar archive pushed into it in pieces of any size: ustar, PAX, GNU, sparse files of all four kinds.
 * Holds at most one header and its extensions.
 *
 * @throws EngineError `invalid` when the bytes are no tar archive, or end too early
 */
export class TarParser {
  readonly #handler: TarHandler
  #block = Buffer.alloc(blockSize)
  #filled = 0
  #onBlock: (block: Buffer) => void = block => this.#header(block)
  /** bytes of the archive left in the current member */
  #remaining = 0
  #padding = 0
  #extents: Extent[] | undefined
  #extent = 0
  #extentDone = 0
  #position = 0
  #inEntry = false
  #ended = false
  #zeroBlocks = 0
  #longName: string | undefined
  #longLink: string | undefined
  #pax = new Map<string, string>()
  #global = new Map<string, string>()

  constructor(handler: TarHandler) {
    this.#handler = handler
  }

  write(input: Buffer): void {
    for (let chunk = input; chunk.length > 0 && !this.#ended; ) chunk = chunk.subarray(this.#consume(chunk))
  }

  end(): void {
    if (this.#ended) return
    if (this.#filled > 0 || this.#inEntry || this.#padding > 0) throw new EngineError('invalid', 'unexpected EOF')
  }

  #consume(chunk: Buffer): number {
    if (this.#inEntry) return this.#consumeData(chunk)
    if (this.#padding > 0) {
      const skipped = Math.min(this.#padding, chunk.length)
      this.#padding -= skipped
      return skipped
    }
    const size = this.#block.length - this.#filled
    const taken = chunk.copy(this.#block, this.#filled, 0, size)
    this.#filled += taken
    if (this.#filled === this.#block.length) {
      const block = this.#block
      this.#filled = 0
      this.#onBlock(block)
    }
    return taken
  }

  #consumeData(chunk: Buffer): number {
    const extents = this.#extents
    let limit = Math.min(this.#remaining, chunk.length)
    let offset = this.#position
    if (extents) {
      while (extents[this.#extent] && extents[this.#extent]!.size === this.#extentDone) {
        this.#extent++
        this.#extentDone = 0
      }
      const extent = extents[this.#extent]
      if (!extent) throw badTar('invalid sparse file')
      limit = Math.min(limit, extent.size - this.#extentDone)
      offset = extent.offset + this.#extentDone
    }
    this.#handler.data(chunk.subarray(0, limit), offset)
    this.#position += limit
    this.#extentDone += limit
    this.#remaining -= limit
    if (this.#remaining === 0) this.#finish()
    return limit
  }

  #finish(): void {
    this.#inEntry = false
    this.#handler.endEntry()
  }

  #expectHeader(): void {
    if (this.#block.length !== blockSize) this.#block = Buffer.alloc(blockSize)
    this.#onBlock = block => this.#header(block)
  }

  #header(block: Buffer): void {
    if (block.every(byte => byte === 0)) {
      if (++this.#zeroBlocks === 2) this.#ended = true
      return
    }
    this.#zeroBlocks = 0
    if (numberField(block, 148, 8) !== checksumOf(block)) throw badTar('invalid tar header')
    const flag = String.fromCharCode(block[156]!)
    const size = numberField(block, 124, 12)
    if (size < 0) throw badTar('invalid tar header')
    if ('xgLKN'.includes(flag)) this.#meta(flag, size)
    else this.#member(Buffer.from(block), flag, size)
  }

  /** Collects a member that describes the next one. */
  #meta(flag: string, size: number): void {
    if (size > metaLimit) throw badTar('header field too long')
    const done = (data: Buffer) => {
      this.#expectHeader()
      if (flag === 'x') this.#pax = parsePax(data.subarray(0, size))
      else if (flag === 'g') for (const [key, value] of parsePax(data.subarray(0, size))) this.#global.set(key, value)
      else if (flag === 'L') this.#longName = textField(data, 0, size)
      else if (flag === 'K') this.#longLink = textField(data, 0, size)
    }
    if (size === 0) done(Buffer.alloc(0))
    else {
      this.#block = Buffer.alloc(size + paddingOf(size))
      this.#onBlock = done
    }
  }

  #member(block: Buffer, flag: string, headerSize: number): void {
    const pax = new Map([...this.#global, ...this.#pax])
    const entry = this.#toEntry(block, flag, pax, headerSize)
    const stored = Number(pax.get('size') ?? headerSize)
    if (!Number.isSafeInteger(stored) || stored < 0) throw badTar('invalid tar header')
    this.#pax = new Map()
    this.#longName = this.#longLink = undefined
    this.#extents = undefined
    if (flag === 'S') this.#oldSparse(block, entry, stored)
    else if (pax.get('GNU.sparse.major') === '1') this.#sparse1(entry, stored)
    else {
      const map = pax.get('GNU.sparse.map')
      if (map) this.#extents = toExtents(map.split(',').map(Number))
      this.#begin(entry, entry.type === 'file' ? stored : 0)
    }
  }

  #begin(entry: TarEntry, stored: number): void {
    if (!Number.isSafeInteger(entry.size) || entry.size < 0) throw badTar('invalid tar header')
    for (const { offset, size } of this.#extents ?? [])
      if (offset < 0 || size < 0 || offset + size > entry.size) throw badTar('invalid sparse file')
    this.#expectHeader()
    this.#remaining = stored
    this.#padding = paddingOf(stored)
    this.#position = this.#extent = this.#extentDone = 0
    this.#handler.entry(entry)
    this.#inEntry = true
    if (stored === 0) this.#finish()
  }

  #toEntry(block: Buffer, flag: string, pax: Map<string, string>, headerSize: number): TarEntry {
    const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? textField(block, 345, 155) : ''
    const short = textField(block, 0, 100)
    const name =
      pax.get('GNU.sparse.name') ?? pax.get('path') ?? this.#longName ?? (prefix ? `${prefix}/${short}` : short)
    const isOldDirectory = (flag === '0' || flag === '\0') && name.endsWith('/')
    const time = pax.get('mtime')
    const realSize = pax.get('GNU.sparse.realsize') ?? pax.get('GNU.sparse.size') ?? pax.get('size')
    const xattrs = new Map<string, Buffer>()
    for (const [key, value] of pax)
      if (key.startsWith('SCHILY.xattr.')) xattrs.set(key.slice(13), Buffer.from(value, 'latin1'))
    return {
      name,
      type: isOldDirectory ? 'directory' : (types[flag] ?? 'file'),
      mode: numberField(block, 100, 8) & 0o7777,
      uid: Number(pax.get('uid') ?? numberField(block, 108, 8)),
      gid: Number(pax.get('gid') ?? numberField(block, 116, 8)),
      size: flag === 'S' ? numberField(block, 483, 12) : Number(realSize ?? headerSize),
      mtimeNanos: time === undefined ? BigInt(numberField(block, 136, 12)) * 1_000_000_000n : parsePaxTime(time),
      linkName: pax.get('linkpath') ?? this.#longLink ?? textField(block, 157, 100),
      major: '34'.includes(flag) ? numberField(block, 329, 8) : 0,
      minor: '34'.includes(flag) ? numberField(block, 337, 8) : 0,
      xattrs,
    }
  }

  /** GNU's old form: the map is in the header and in blocks after it. */
  #oldSparse(block: Buffer, entry: TarEntry, stored: number): void {
    const extents: Extent[] = []
    const read = (from: Buffer, start: number, count: number) => {
      for (let at = start; at < start + count * 24 && from[at] !== 0; at += 24)
        extents.push({ offset: numberField(from, at, 12), size: numberField(from, at + 12, 12) })
      if (extents.length > extentLimit) throw badTar('invalid sparse file')
    }
    const begin = () => {
      this.#extents = extents
      this.#begin(entry, stored)
    }
    read(block, 386, 4)
    this.#onBlock = more => {
      read(more, 0, 21)
      if (!more[504]) begin()
    }
    if (!block[482]) begin()
  }

  /** PAX 1.0: the map is text in the first blocks of the data. */
  #sparse1(entry: TarEntry, stored: number): void {
    let text = ''
    let used = 0
    this.#onBlock = block => {
      text += block.toString('latin1')
      used += blockSize
      const lines = text.split('\n')
      const count = Number(lines[0])
      if (lines.length > 1 && !(count <= extentLimit)) throw badTar('invalid sparse file')
      if (used > stored || used > metaLimit * 4) throw badTar('invalid sparse file')
      if (lines.length - 1 < 1 + 2 * count || lines.length < 2) return
      this.#extents = toExtents(lines.slice(1, 1 + 2 * count).map(Number))
      this.#begin(entry, stored - used)
    }
  }
}

function toExtents(numbers: readonly number[]): Extent[] {
  if (numbers.length % 2 || numbers.length > 2 * extentLimit || !numbers.every(Number.isSafeInteger))
    throw badTar('invalid sparse file')
  return Array.from({ length: numbers.length / 2 }, (_, i) => ({ offset: numbers[2 * i]!, size: numbers[2 * i + 1]! }))
}
