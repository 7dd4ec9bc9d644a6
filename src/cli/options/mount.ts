import { resolve } from 'node:path'
import { parseMemorySize } from '../../base/size.ts'
import { cut, parseCsv } from './csv.ts'

const trueWords = ['1', 't', 'T', 'TRUE', 'true', 'True']
const falseWords = ['0', 'f', 'F', 'FALSE', 'false', 'False']

function toBool(key: string, text: string): boolean {
  if (trueWords.includes(text)) return true
  if (falseWords.includes(text)) return false
  throw new Error(`invalid value for ${key}: ${text}`)
}

interface Draft {
  Type: string
  Source?: string
  Target: string
  ReadOnly?: true
  Consistency?: string
  BindOptions?: Record<string, unknown>
  VolumeOptions?: Record<string, unknown>
  ImageOptions?: Record<string, unknown>
  TmpfsOptions?: Record<string, unknown>
}

type Setter = (draft: Draft, value: string, key: string) => void

const bind = (draft: Draft) => (draft.BindOptions ??= {})
const volume = (draft: Draft) => (draft.VolumeOptions ??= {})
const driver = (draft: Draft) => (volume(draft).DriverConfig ??= {}) as Record<string, unknown>
const put = (map: unknown, pair: string): Record<string, string> => {
  const [key, value = ''] = cut(pair)
  return { ...(map as object), ...(key ? { [key]: value } : {}) }
}

const readOnly: Setter = (draft, value, key) => {
  if (toBool(key, value)) draft.ReadOnly = true
}
const source: Setter = (draft, value) => {
  draft.Source = value === '.' || value.startsWith('./') || value.startsWith('../') ? resolve(value) : value
}
const target: Setter = (draft, value) => void (draft.Target = value)

const recursive: Setter = (draft, value, key) => {
  const options = bind(draft)
  if (value === 'disabled') options.NonRecursive = true
  else if (value === 'writable') options.ReadOnlyNonRecursive = true
  else if (value === 'readonly') options.ReadOnlyForceRecursive = true
  else if (value !== 'enabled')
    throw new Error(`invalid value for ${key}: ${value} (must be "enabled", "disabled", "writable", or "readonly")`)
}

const setters: Readonly<Record<string, Setter>> = {
  type: (draft, value) => void (draft.Type = value.toLowerCase()),
  source,
  src: source,
  target,
  dst: target,
  destination: target,
  readonly: readOnly,
  ro: readOnly,
  consistency: (draft, value) => void (draft.Consistency = value.toLowerCase()),
  'bind-propagation': (draft, value) => void (bind(draft).Propagation = value.toLowerCase()),
  'bind-nonrecursive': (draft, value, key) => {
    if (toBool(key, value)) bind(draft).NonRecursive = true
    else bind(draft)
  },
  'bind-recursive': recursive,
  'volume-subpath': (draft, value) => void (volume(draft).Subpath = value),
  'volume-nocopy': (draft, value, key) => {
    if (toBool(key, value)) volume(draft).NoCopy = true
    else volume(draft)
  },
  'volume-label': (draft, value) => void (volume(draft).Labels = put(volume(draft).Labels, value)),
  'volume-driver': (draft, value) => void (driver(draft).Name = value),
  'volume-opt': (draft, value) => void (driver(draft).Options = put(driver(draft).Options, value)),
  'image-subpath': (draft, value) => void ((draft.ImageOptions ??= {}).Subpath = value),
  'tmpfs-size': (draft, value, key) => {
    const bytes = parseMemorySize(value)
    if (bytes === undefined) throw new Error(`invalid value for ${key}: ${value}`)
    ;(draft.TmpfsOptions ??= {}).SizeBytes = bytes
  },
  'tmpfs-mode': (draft, value, key) => {
    if (!/^[0-7]+$/.test(value)) throw new Error(`invalid value for ${key}: ${value}`)
    ;(draft.TmpfsOptions ??= {}).Mode = Number.parseInt(value, 8)
  },
}

const bare = ['readonly', 'ro', 'volume-nocopy', 'bind-nonrecursive']

function check(draft: Draft): void {
  if (!draft.Type) throw new Error('type is required')
  if (!draft.Target) throw new Error('target is required')
  for (const type of ['volume', 'image', 'bind', 'tmpfs'] as const) {
    const key = `${type[0]!.toUpperCase()}${type.slice(1)}Options` as keyof Draft
    if (draft[key] !== undefined && draft.Type !== type)
      throw new Error(`cannot mix '${type}-*' options with mount type '${draft.Type}'`)
  }
  const { Propagation, ReadOnlyForceRecursive, ReadOnlyNonRecursive } = draft.BindOptions ?? {}
  if (ReadOnlyNonRecursive && !draft.ReadOnly)
    throw new Error("option 'bind-recursive=writable' requires 'readonly' to be specified in conjunction")
  if (ReadOnlyForceRecursive && !draft.ReadOnly)
    throw new Error("option 'bind-recursive=readonly' requires 'readonly' to be specified in conjunction")
  if (ReadOnlyForceRecursive && Propagation !== 'rprivate')
    throw new Error(
      "option 'bind-recursive=readonly' requires 'bind-propagation=rprivate' to be specified in conjunction",
    )
}

/** `type=bind,src=/a,dst=/b,readonly` as the engine takes it. */
export function parseMount(text: string): Readonly<Draft> {
  const value = text.trim()
  if (value === '') throw new Error('value is empty')
  const draft: Draft = { Type: 'volume', Target: '' }
  for (const field of parseCsv(value)) {
    const [rawKey, given] = cut(field)
    const key = rawKey.toLowerCase()
    if (given === undefined && !bare.includes(key)) throw new Error(`invalid field '${field}' must be a key=value pair`)
    const set = setters[key]
    if (!set) throw new Error(`unexpected key '${key}' in '${field}'`)
    set(draft, given ?? 'true', key)
  }
  check(draft)
  return draft
}
