// biome-ignore-all lint/suspicious/noExplicitAny: fields of every type are in one table; Decoded and Encodable give them back
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'

/** One field of a message: what decoding gives, and what encoding takes. */
export interface Field<Out, In = Out> {
  readonly no: number
  readonly initial: () => Out
  readonly read: (reader: BinaryReader, old: Out) => Out
  readonly write: (writer: BinaryWriter, value: In) => void
}

type Fields = Readonly<Record<string, Field<any, any>>>
export type Decoded<F extends Fields> = { readonly [K in keyof F]: F[K] extends Field<infer Out, any> ? Out : never }
export type Encodable<F extends Fields> = {
  readonly [K in keyof F]?: (F[K] extends Field<any, infer In> ? In : never) | undefined
}

/** Encodes and decodes one kind of protobuf message; what is unknown is skipped. */
export interface Message<Out, In = Out> {
  readonly decode: (bytes: Uint8Array) => Out
  readonly encode: (value: In) => Uint8Array
}

export type DecodedOf<M> = M extends Message<infer Out, any> ? Out : never
export type EncodableOf<M> = M extends Message<any, infer In> ? In : never

export function message<F extends Fields>(fields: F): Message<Decoded<F>, Encodable<F>> {
  const entries = Object.entries(fields)
  // reading gives new values and changes none, so that messages may begin with the same ones
  const blank = Object.fromEntries(entries.map(([name, field]) => [name, field.initial()])) as Record<string, unknown>
  const byNumber = new Map(entries.map(([name, field]) => [field.no, { name, field }]))
  return {
    decode: bytes => {
      const reader = new BinaryReader(bytes)
      const out = { ...blank }
      while (reader.pos < reader.len) {
        const [no, type] = reader.tag()
        const known = byNumber.get(no)
        if (known) out[known.name] = known.field.read(reader, out[known.name])
        else reader.skip(type, no)
      }
      return out as Decoded<F>
    },
    encode: value => {
      const writer = new BinaryWriter()
      for (const [name, field] of entries) {
        const given = (value as Record<string, unknown>)[name]
        if (given !== undefined) field.write(writer, given)
      }
      return writer.finish()
    },
  }
}

interface Scalar<T> {
  readonly type: WireType
  readonly zero: T
  readonly read: (reader: BinaryReader) => T
  readonly write: (writer: BinaryWriter, value: T) => void
}

const strings: Scalar<string> = {
  type: WireType.LengthDelimited,
  zero: '',
  read: reader => reader.string(),
  write: (writer, value) => writer.string(value),
}
const binary: Scalar<Uint8Array> = {
  type: WireType.LengthDelimited,
  zero: new Uint8Array(),
  read: reader => reader.bytes(),
  write: (writer, value) => writer.bytes(value),
}
/** Most are short, and need no arithmetic of 64 bits. */
function readInteger(reader: BinaryReader): number {
  const start = reader.pos
  const short = reader.uint32()
  if (reader.pos - start < 5) return short
  reader.pos = start
  return Number(reader.int64())
}

const integers: Scalar<number> = {
  type: WireType.Varint,
  zero: 0,
  read: readInteger,
  write: (writer, value) => writer.int64(Math.trunc(value)),
}
const bigIntegers: Scalar<bigint> = {
  type: WireType.Varint,
  zero: 0n,
  read: reader => BigInt(reader.int64()),
  write: (writer, value) => writer.int64(value),
}
const booleans: Scalar<boolean> = {
  type: WireType.Varint,
  zero: false,
  read: reader => reader.bool(),
  write: (writer, value) => writer.bool(value),
}

const single =
  <T>({ type, zero, read, write }: Scalar<T>) =>
  (no: number): Field<T> => ({
    no,
    initial: () => zero,
    read,
    write: (writer, value) => {
      if (value !== zero) write(writer.tag(no, type), value)
    },
  })

const repeated =
  <T>({ type, read, write }: Scalar<T>) =>
  (no: number): Field<readonly T[]> => ({
    no,
    initial: () => [],
    read: (reader, old) => [...old, read(reader)],
    write: (writer, values) => {
      for (const value of values) write(writer.tag(no, type), value)
    },
  })

export const string = single(strings)
export const bytes = single(binary)
/** of any width; beyond 2^53 use `bigint` */
export const int = single(integers)
export const bigint = single(bigIntegers)
export const bool = single(booleans)
export const stringList = repeated(strings)
export const bytesList = repeated(binary)

/** One that may be zero, and still be said. */
export const optionalInt = (no: number): Field<number | undefined, number> => ({
  no,
  initial: () => undefined,
  read: reader => integers.read(reader),
  write: (writer, value) => integers.write(writer.tag(no, WireType.Varint), value),
})

/** As clients write lists of numbers: behind each other, in one field. */
export const packedInts = (no: number): Field<readonly number[]> => ({
  no,
  initial: () => [],
  read: (reader, old) => {
    const inner = new BinaryReader(reader.bytes())
    const found: number[] = []
    while (inner.pos < inner.len) found.push(integers.read(inner))
    return [...old, ...found]
  },
  write: (writer, values) => {
    if (values.length > 0) writer.tag(no, WireType.LengthDelimited).fork()
    for (const value of values) integers.write(writer, value)
    if (values.length > 0) writer.join()
  },
})

const nested = <Out, In>({ decode, encode }: Message<Out, In>) => ({
  read: (reader: BinaryReader) => decode(reader.bytes()),
  write: (writer: BinaryWriter, no: number, value: In) => writer.tag(no, WireType.LengthDelimited).bytes(encode(value)),
})

export function sub<Out, In>(no: number, kind: Message<Out, In>): Field<Out | undefined, In> {
  const { read, write } = nested(kind)
  return { no, initial: () => undefined, read, write: (writer, value) => void write(writer, no, value) }
}

export function subs<Out, In>(no: number, kind: Message<Out, In>): Field<readonly Out[], readonly In[]> {
  const { read, write } = nested(kind)
  return {
    no,
    initial: () => [],
    read: (reader, old) => [...old, read(reader)],
    write: (writer, values) => {
      for (const value of values) write(writer, no, value)
    },
  }
}

function mapOf<Out, In>(
  no: number,
  value: Field<Out, In>,
): Field<Readonly<Record<string, Out>>, Readonly<Record<string, In>>> {
  const entry = message({ key: string(1), value })
  const { read, write } = nested(entry)
  return {
    no,
    initial: () => ({}),
    read: (reader, old) => {
      const { key, value } = read(reader)
      return { ...old, [key]: value as Out }
    },
    write: (writer, record) => {
      for (const [key, value] of Object.entries(record)) write(writer, no, { key, value: value as never })
    },
  }
}

export const stringMap = (no: number) => mapOf(no, string(2))
export const bytesMap = (no: number) => mapOf(no, bytes(2))
export const subMap = <Out, In>(no: number, kind: Message<Out, In>) => mapOf(no, sub(2, kind))

const timestampMessage = message({ seconds: int(1), nanos: int(2) })

/** google.protobuf.Timestamp as milliseconds since 1970, fractions and all; undefined when it is not set. */
export function timestamp(no: number): Field<number | undefined, number> {
  const { read, write } = nested(timestampMessage)
  return {
    no,
    initial: () => undefined,
    read: reader => {
      const { seconds, nanos } = read(reader)
      return seconds * 1000 + nanos / 1e6
    },
    write: (writer, millis) => {
      const seconds = Math.floor(millis / 1000)
      write(writer, no, { seconds, nanos: Math.round((millis - seconds * 1000) * 1e6) })
    },
  }
}

/** A message without fields, or whose fields do not matter. */
export const empty = message({})
