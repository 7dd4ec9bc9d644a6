import { readFileSync } from 'node:fs'
import type { FlagSpec, FlagTable } from '../../flags.ts'
import { openFailure } from '../../terminal/file.ts'

const special: Readonly<Record<string, string>> = {
  detach: 'Do not wait for the end',
  filter: 'Only those that match',
  force: 'Whatever speaks against it',
  format: "'table', 'json' or a Go template",
  'no-resolve': 'Ids instead of names',
  'no-trunc': 'Print everything in full length',
  pretty: 'For people to read',
  quiet: 'Print less',
  rotate: 'Make a new one',
  tty: 'Give it a terminal',
}

/** A few words for a flag whose name says most of it. */
export function flagWords(name: string): string {
  const known = special[name]
  if (known) return known
  const words = name.replaceAll('-', ' ')
  if (words.endsWith(' add')) return `Add: ${words.slice(0, -4)}`
  if (words.endsWith(' rm')) return `Take away: ${words.slice(0, -3)}`
  return words[0]!.toUpperCase() + words.slice(1)
}

/** The text of a certificate or key. */
function pemFile(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new Error(`open ${path}: ${openFailure(error)}`)
  }
}

/** `--name`, `-n`, type and default of swarm commands, one word each: `n,name:type=default`. */
export function toFlags(words: string): FlagTable {
  const entries = words
    .split(' ')
    .filter(Boolean)
    .map(word => {
      const [, short, name, type = 'bool', , shown] = /^(?:(\w),)?([\w-]+)(?::([\w-]+))?(=(.*))?$/.exec(word)!
      const spec: FlagSpec = {
        type,
        help: flagWords(name!),
        ...(type === 'pem-file' ? { check: pemFile } : {}),
        ...(short ? { short } : {}),
        ...(shown === undefined ? {} : { shownDefault: shown && type === 'string' ? JSON.stringify(shown) : shown }),
      }
      return [name!, spec] as const
    })
  return Object.fromEntries(entries)
}
