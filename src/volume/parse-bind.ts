import { posix } from 'node:path'
import { EngineError } from '../base/errors.ts'
import type { PlannedMount } from './planned-mount.ts'

/** At most one of each group in the mode of a bind. */
const groups: readonly (readonly string[])[] = [
  ['ro', 'rw'],
  ['z', 'Z'],
  ['shared', 'rshared', 'slave', 'rslave', 'private', 'rprivate'],
  ['nocopy'],
  ['idmap'],
  ['consistent', 'cached', 'delegated', 'default'],
]

interface Mode {
  readonly readOnly: boolean
  readonly propagation: string | undefined
  readonly noCopy: boolean
  /** an extension: docs/volumes.md */
  readonly idMapped: boolean
}

function parseMode(mode: string): Mode {
  const words = mode ? mode.split(',') : []
  const used = words.map(word => groups.findIndex(group => group.includes(word)))
  if (used.includes(-1) || new Set(used).size !== used.length)
    throw new EngineError('internal', `invalid mode: ${mode}`)
  return {
    readOnly: words.includes('ro'),
    propagation: words.find(word => groups[2]!.includes(word)),
    noCopy: words.includes('nocopy'),
    idMapped: words.includes('idmap'),
  }
}

/** Why `target` cannot be mounted at; undefined when it can. */
export function targetProblem(target: string): string | undefined {
  if (!target.startsWith('/')) return `invalid mount path: '${target}' mount path must be absolute`
  if (posix.normalize(target) === '/') return "invalid specification: destination can't be '/'"
  return undefined
}

const clean = (path: string): string => posix.normalize(path).replace(/(.)\/$/, '$1')

/**
 * Reads `[source:]destination[:mode]`, the text of `-v`.
 *
 * @throws EngineError `internal` with Docker's text: on the wire these are 500
 */
export function parseBind(text: string): PlannedMount {
  const parts = text.split(':')
  if (parts.length > 3 || parts[0] === '' || (parts.length > 1 && parts[1] === '')) throw invalid(text)
  const [source, target, mode] =
    parts.length === 1 ? [undefined, parts[0]!, ''] : [parts[0]!, parts[1]!, parts[2] ?? '']
  // `destination:mode` without a source
  const isModeOnly = parts.length === 2 && !target.startsWith('/') && source!.startsWith('/') && isMode(target)
  if (isModeOnly) return toMount(text, undefined, source!, target)
  return toMount(text, source, target, mode)
}

const isMode = (mode: string): boolean => {
  try {
    parseMode(mode)
    return true
  } catch {
    return false
  }
}

const invalid = (text: string, why?: string): EngineError =>
  new EngineError('internal', `invalid volume specification: '${text}'${why ? `: ${why}` : ''}`)

function toMount(text: string, source: string | undefined, target: string, modeText: string): PlannedMount {
  const mode = parseMode(modeText)
  const type = source?.startsWith('/') ? 'bind' : 'volume'
  const refuse = (why: string) => invalid(text, `invalid mount config for type "${type}": ${why}`)
  const problem = targetProblem(target)
  if (problem) throw refuse(problem)
  if (type === 'bind' && mode.noCopy) throw refuse('field VolumeOptions must not be specified')
  if (type === 'volume' && mode.propagation) throw refuse('field BindOptions must not be specified')
  const shared = {
    Type: type,
    Destination: clean(target),
    Mode: modeText,
    RW: !mode.readOnly,
    ...(mode.idMapped ? { idMapped: true } : {}),
  } as const
  if (type === 'bind')
    return { ...shared, Source: clean(source!), Propagation: mode.propagation ?? 'rprivate', createSource: true }
  const volume = { ...shared, Name: source ?? '', Propagation: '', noCopy: mode.noCopy }
  return source ? volume : { ...volume, anonymous: true }
}

/** Reads `container[:mode]`, the text of `--volumes-from`. @throws EngineError */
export function parseVolumesFrom(text: string): { readonly container: string; readonly mode: string } {
  if (!text) throw new EngineError('invalid', 'volumes-from specification cannot be an empty string')
  const [container = '', mode = ''] = text.split(/:(.*)/)
  if (mode && (!isMode(mode) || parseMode(mode).noCopy || parseMode(mode).propagation))
    throw new EngineError('invalid', `invalid mode: ${mode}`)
  if (!container) throw new EngineError('invalid', 'invalid name or ID supplied: ""')
  return { container, mode }
}
