import type { EngineConnection } from '../../spec/engine-api/connection.ts'
import type { Command } from '../command.ts'
import { groupNames, loadGroup, topLevel } from '../commands/index.ts'
import type { Config, GlobalOptions } from '../config.ts'
import type { FlagSpec, FlagTable } from '../flags.ts'
import { globalFlags, parseGlobals } from '../globals.ts'
import { liveNames } from './names.ts'

export interface Suggestions {
  readonly offers: readonly (readonly [word: string, description: string])[]
  readonly wantsFiles: boolean
}

type EngineFor = (options: GlobalOptions) => { readonly config: Config; readonly engine: EngineConnection }

const none: Suggestions = { offers: [], wantsFiles: false }
const files: Suggestions = { offers: [], wantsFiles: true }
const fileFlags = [
  'file',
  'env-file',
  'label-file',
  'cidfile',
  'iidfile',
  'output',
  'input',
  'config',
  'tlscacert',
  'tlscert',
  'tlskey',
]

const matching = (offers: Suggestions['offers'], prefix: string): Suggestions => ({
  offers: offers.filter(([word]) => word.startsWith(prefix)),
  wantsFiles: false,
})

const firstLine = (text: string): string => text.split('\n')[0]!

function flagOffers(table: FlagTable, prefix: string): Suggestions {
  const shown = Object.entries(table).filter(([, spec]) => !spec.hidden)
  const long = shown.map(([name, { help }]) => [`--${name}`, firstLine(help)] as const)
  const short = shown.flatMap(([, { help, short }]) => (short ? [[`-${short}`, firstLine(help)] as const] : []))
  return matching([...long, ...short, ['--help', 'Show this command']], prefix)
}

/** The flag whose value the last word is, when it is one. */
function openFlag(table: FlagTable, words: readonly string[]): readonly [name: string, spec: FlagSpec] | undefined {
  const before = words.at(-2) ?? ''
  const entry = Object.entries(table).find(
    ([name, { short }]) => before === `--${name}` || (short !== undefined && before === `-${short}`),
  )
  return entry && entry[1].type !== 'bool' ? entry : undefined
}

async function commandNames(): Promise<Suggestions['offers']> {
  const commands = await Promise.all(
    Object.entries(topLevel).map(async ([name, load]) => [name, await load()] as const),
  )
  const groups = await Promise.all(
    groupNames.map(async name => [name, (await loadGroup(name))?.summary ?? ''] as const),
  )
  const shown = commands.filter(([, { hidden }]) => !hidden).map(([name, { summary }]) => [name, summary] as const)
  return [...shown, ...groups].sort(([a], [b]) => (a < b ? -1 : 1))
}

/** What stands in the command line, options and their values left out. */
function argumentsIn({ flags, stopAtFirst }: Command, words: readonly string[]): readonly string[] {
  const args: string[] = []
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!
    if (word === '--' || (stopAtFirst && args.length > 0)) {
      args.push(...words.slice(word === '--' ? at + 1 : at))
      return args
    }
    if (!word.startsWith('-') || word === '-') args.push(word)
    else if (openFlag(flags, [word, '']) && !word.includes('=')) at++
  }
  return args
}

async function forCommand(
  command: Command,
  words: readonly string[],
  engineFor: () => ReturnType<EngineFor>,
): Promise<Suggestions> {
  const last = words.at(-1) ?? ''
  const args = argumentsIn(command, words.slice(0, -1))
  const inProgram = command.stopAtFirst === true && args.length > 0
  const [name, value] = /^--([\w-]+)=(.*)$/s.exec(last)?.slice(1) ?? []
  const open = name && command.flags[name] ? ([name, command.flags[name]] as const) : openFlag(command.flags, words)
  if (open && !inProgram) {
    const [flag, { complete }] = open
    if (complete === undefined) return fileFlags.includes(flag) ? files : none
    const offers =
      typeof complete === 'string' ? await liveNames(engineFor(), complete) : complete.map(word => [word, ''] as const)
    const prefix = value ?? last
    const found = matching(offers, prefix)
    return value === undefined
      ? found
      : { ...found, offers: found.offers.map(([word, words]) => [`--${flag}=${word}`, words] as const) }
  }
  if (last.startsWith('-') && !inProgram) return flagOffers(command.flags, last)
  if (inProgram || (command.maxArgs !== undefined && args.length >= command.maxArgs)) return inProgram ? files : none
  if (!command.complete) return files
  if (command.complete === 'shell')
    return matching(
      ['bash', 'fish', 'zsh'].map(shell => [shell, ''] as const),
      last,
    )
  const offers = await liveNames(engineFor(), command.complete)
  return matching(
    offers.filter(([word]) => !args.includes(word)),
    last,
  )
}

/** How the command line that ends in the last of `words` may go on. */
export async function suggest(words: readonly string[], config: Config, engineFor: EngineFor): Promise<Suggestions> {
  const home = config.environment.HOME ?? '/'
  const last = words.at(-1) ?? ''
  const globals = globalFlags(home)
  let parsed: ReturnType<typeof parseGlobals>
  try {
    parsed = parseGlobals(words.slice(0, -1), home)
  } catch {
    return openFlag(globals, words) ? files : none
  }
  const [first, ...rest] = [...parsed.parsed.args, last]
  const connect = () => engineFor(parsed.options)
  if (rest.length === 0) return last.startsWith('-') ? flagOffers(globals, last) : matching(await commandNames(), last)
  const load = Object.hasOwn(topLevel, first!) ? topLevel[first!] : undefined
  if (load) return forCommand(await load(), rest, connect)
  const group = await loadGroup(first!)
  if (!group) return files
  const [sub = '', ...more] = rest
  if (more.length === 0) {
    const commands = await Promise.all(
      Object.entries(group.commands).map(async ([name, item]) => [name, await item()] as const),
    )
    return matching(
      commands.filter(([, { hidden }]) => !hidden).map(([name, { summary }]) => [name, summary] as const),
      last,
    )
  }
  const loadSub = group.commands[group.aliases?.[sub] ?? sub]
  return loadSub ? forCommand(await loadSub(), more, connect) : none
}
