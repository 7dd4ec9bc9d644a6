import { posix } from 'node:path'
import { EngineError } from '../../base/errors.ts'
import { parseMemorySize } from '../../base/size.ts'

export type MountKind = 'bind' | 'cache' | 'tmpfs' | 'secret' | 'ssh'

/** One `--mount` of RUN. */
export interface MountFlag {
  readonly kind: MountKind
  /** absolute; of a secret or an agent empty when it is not given */
  readonly target: string
  readonly source: string
  readonly from: string | undefined
  readonly id: string
  readonly readOnly: boolean
  readonly sharing: 'shared' | 'private' | 'locked'
  readonly required: boolean
  readonly sizeBytes: number
  readonly uid: number | undefined
  readonly gid: number | undefined
  readonly mode: number | undefined
  /** name of the variable that a secret goes to */
  readonly env: string | undefined
}

const kinds: ReadonlySet<string> = new Set(['bind', 'cache', 'tmpfs', 'secret', 'ssh'])
const names = [
  'type',
  'source',
  'src',
  'from',
  'target',
  'dst',
  'destination',
  'readonly',
  'ro',
  'readwrite',
  'rw',
  'id',
  'sharing',
  'required',
  'size',
  'mode',
  'uid',
  'gid',
  'env',
]
const bad = (text: string) => new EngineError('invalid', text)

/** Fields of a line of CSV, quotes taken off. */
function fieldsOf(text: string): readonly string[] {
  const fields = text.match(/(?:"(?:[^"]|"")*"|[^,"])+/g) ?? []
  return fields.map(field => field.trim().replace(/^"(.*)"$/s, (_, inner: string) => inner.replaceAll('""', '"')))
}

function pairsOf(text: string): ReadonlyMap<string, string | undefined> {
  const pairs = new Map<string, string | undefined>()
  for (const field of fieldsOf(text)) {
    const at = field.indexOf('=')
    const key = (at < 0 ? field : field.slice(0, at)).toLowerCase()
    if (!names.includes(key)) throw bad(`unexpected key '${key}' in '${field}'`)
    const isSwitch = ['readonly', 'ro', 'readwrite', 'rw', 'required'].includes(key)
    if (at < 0 && !isSwitch) throw bad(`invalid field '${field}' must be a key=value pair`)
    pairs.set(key, at < 0 ? undefined : field.slice(at + 1))
  }
  return pairs
}

function number(pairs: ReadonlyMap<string, string | undefined>, key: string, base: 8 | 10): number | undefined {
  const text = pairs.get(key)
  if (text === undefined) return undefined
  if (!(base === 8 ? /^[0-7]+$/ : /^\d+$/).test(text)) throw bad(`invalid value ${text} for ${key}`)
  return Number.parseInt(text, base)
}

function flag(pairs: ReadonlyMap<string, string | undefined>, ...keys: readonly string[]): boolean | undefined {
  const key = keys.find(each => pairs.has(each))
  if (key === undefined) return undefined
  const text = pairs.get(key) ?? 'true'
  if (!/^(true|false|1|0)$/i.test(text)) throw bad(`invalid value for ${key}: ${text}`)
  return /^(true|1)$/i.test(text)
}

/** @throws EngineError `invalid` */
export function parseMount(text: string, workdir: string): MountFlag {
  const pairs = pairsOf(text)
  const kind = pairs.get('type') ?? 'bind'
  if (!kinds.has(kind)) throw bad(`unsupported mount type "${kind}"`)
  const target = pairs.get('target') ?? pairs.get('dst') ?? pairs.get('destination') ?? ''
  const isOptional = kind === 'secret' || kind === 'ssh'
  if (target === '' && !isOptional) throw bad(`invalid mount config for type "${kind}": mount target is required`)
  const absolute = target === '' ? '' : posix.resolve('/', workdir, target)
  const sharing = pairs.get('sharing') ?? 'shared'
  if (!['shared', 'private', 'locked'].includes(sharing)) throw bad(`unsupported sharing value "${sharing}"`)
  const sizeText = pairs.get('size')
  const sizeBytes = sizeText === undefined ? 0 : parseMemorySize(sizeText)
  if (sizeBytes === undefined) throw bad(`invalid value for size: ${sizeText}`)
  const isWritable = flag(pairs, 'readwrite', 'rw')
  return {
    kind: kind as MountKind,
    target: absolute,
    source: pairs.get('source') ?? pairs.get('src') ?? '',
    from: pairs.get('from') || undefined,
    id: pairs.get('id') ?? '',
    readOnly: isWritable === undefined ? (flag(pairs, 'readonly', 'ro') ?? kind === 'bind') : !isWritable,
    sharing: sharing as MountFlag['sharing'],
    required: flag(pairs, 'required') ?? false,
    sizeBytes,
    uid: number(pairs, 'uid', 10),
    gid: number(pairs, 'gid', 10),
    mode: number(pairs, 'mode', 8),
    env: pairs.get('env'),
  }
}
