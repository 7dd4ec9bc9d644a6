import { readFileSync } from 'node:fs'
import { type Command, command, type Group } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import { parseFilters } from '../../filters.ts'
import type { FlagSpec, FlagTable } from '../../flags.ts'
import { openFailure } from '../../terminal/file.ts'
import { toMap } from '../container/create-request.ts'
import { show } from '../system/inspect.ts'
import { flagWords } from './flags.ts'

/** The text of a certificate or key. */
function pemFile(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new Error(`open ${path}: ${openFailure(error)}`)
  }
}

/** `--name`, `-n`, type and default of swarm commands, one word each: `n,name:type=default`. */
function toFlags(words: string): FlagTable {
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

/** A command that only a swarm makes sense of: its flags, and the one request whose refusal it shows. */
export interface SwarmCommand {
  readonly usage: string
  readonly summary: string
  readonly flags?: string
  readonly args?: readonly [min: number, max?: number]
  readonly aliases?: readonly string[]
  readonly method?: string
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  /** false where `--filter` is for a later request */
  readonly filters?: false
  /** in front of what the engine answers */
  readonly prefix?: string
  readonly kind?: 'inspect' | 'content' | 'each' | 'compose' | 'deploy' | 'unlock' | 'member'
  /** `self` means the node that answers; it is meant when no name is given */
  readonly resolvesSelf?: true
  /** without any flag the help page is shown */
  readonly needsFlag?: true
  /** networks are looked up before anything is made */
  readonly looksUpNetworks?: true
  /** what `--rotate` asks for first */
  readonly rotates?: string
}

const plainAnswer = new ExitError(1, 'Swarm mode is not part of Berth: this engine manages no swarm')

function contentOf(file: string, word: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'base64')
  } catch (error) {
    const why = `error reading from ${file}: open ${file}: ${openFailure(error)}`
    throw new ExitError(1, word === 'config' ? `Error reading content from ${JSON.stringify(file)}: ${why}` : why)
  }
}

/** A secret that a driver keeps has no content here. */
function content([name = '', file]: readonly string[], noun: string, flags: Given): object {
  const driver = String(flags.driver ?? '')
  const template = String(flags['template-driver'] ?? '')
  if (file === undefined && !driver && noun === 'secret') contentOf('-', noun)
  return {
    Name: name,
    Labels: toMap((flags.label ?? []) as readonly string[]),
    ...(file === undefined && driver ? {} : { Data: contentOf(file ?? '-', noun) }),
    ...(driver ? { Driver: { Name: driver } } : {}),
    ...(template ? { Templating: { Name: template } } : {}),
  }
}

/** What a node says of itself when it begins or joins a swarm. */
function member([remote]: readonly string[], flags: Given): object {
  return {
    ListenAddr: flags['listen-addr'] || '0.0.0.0:2377',
    AdvertiseAddr: flags['advertise-addr'],
    DataPathAddr: flags['data-path-addr'],
    Availability: String(flags.availability ?? '').toLowerCase() || 'active',
    ...(remote === undefined
      ? {
          DataPathPort: flags['data-path-port'],
          DefaultAddrPool: flags['default-addr-pool'],
          SubnetSize: flags['default-addr-pool-mask-length'] || 24,
          ForceNewCluster: flags['force-new-cluster'],
          AutoLockManagers: flags.autolock,
        }
      : { JoinToken: flags.token, RemoteAddrs: [remote] }),
  }
}

/** The query of a line with what `--filter` and `--force` add. */
function queryOf({ query = {}, path, method, ...line }: SwarmCommand, name: string, given: Given) {
  const words = (line.filters === false ? [] : (given.filter ?? [])) as readonly string[]
  const { status, ...fixed } = filled(query, name)
  const asked = Object.fromEntries(
    [...parseFilters(words)].map(([key, values]) => [key, Object.fromEntries(values.map(value => [value, true]))]),
  )
  const filters = { ...(JSON.parse(fixed.filters ?? '{}') as object), ...asked }
  const isForced = given.force === true && (method === 'DELETE' || path === '/swarm/leave')
  return {
    ...fixed,
    ...(status && given.quiet !== true ? { status } : {}),
    ...(Object.keys(filters).length ? { filters: JSON.stringify(filters) } : {}),
    ...(isForced ? { force: '1' } : {}),
  }
}

const filled = (query: Readonly<Record<string, string>>, name: string): Record<string, string> =>
  Object.fromEntries(Object.entries(query).map(([key, value]) => [key, value.replace('{}', name)]))

type Given = Readonly<Record<string, unknown>>

type Ask = (target: { readonly method: string; readonly path: string }) => Promise<unknown>

/** Complaints about the files come before those of the engine, as far as a glance can tell. */
async function glanceAt(files: readonly string[] = []): Promise<void> {
  if (files.length === 0) throw new ExitError(1, 'Specify a Compose file (with --compose-file)')
  const { parse } = await import('yaml')
  for (const file of files) {
    const parsed: unknown = parse(composeText(file))
    if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed))
      throw new ExitError(1, 'top-level object must be a mapping')
  }
}

const detachNotice =
  'Since --detach=false was not specified, tasks will be created in the background.\nIn a future release, --detach=false will become the default.'

const notManager =
  'this node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again'

function composeText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (error) {
    throw new ExitError(1, `open ${file}: ${openFailure(error)}`)
  }
}

/** The address for a name; `self` is looked up first, and without a swarm the list of nodes says why it is nobody. */
async function addressFor(ask: Ask, path: string, name: string): Promise<string> {
  if (path !== '/nodes/{}' || name !== 'self') return path.replace('{}', name)
  await ask({ method: 'GET', path: '/info' })
  return '/nodes'
}

async function helpOf(path: string, { summary, usage }: SwarmCommand, flags: FlagTable): Promise<string> {
  const { commandHelp } = await import('../../help.ts')
  return commandHelp(path, { usage, summary, flags, run: async () => 0 }, 80)
}

/** The command of one line of the table. */
export function swarmCommand(noun: string, line: SwarmCommand): Command {
  const [minArgs = 0, maxArgs] = line.args ?? [0, 0]
  const flagTable = toFlags(line.flags ?? '')
  return command({
    usage: line.usage,
    summary: line.summary,
    ...(line.aliases ? { aliases: line.aliases } : {}),
    ...(line.usage.includes('IMAGE [COMMAND]') ? { stopAtFirst: true } : {}),
    minArgs,
    ...(line.args && maxArgs === undefined ? {} : { maxArgs: maxArgs ?? 0 }),
    flags: flagTable,
    async run({ args, changed, engine, err, flags, out, path }) {
      const given = flags as Readonly<Record<string, unknown>>
      const request: Ask = target => engine.requestJson(target)
      const ask = async (name = '') =>
        engine.requestJson({
          method: line.method ?? 'GET',
          path: line.resolvesSelf ? await addressFor(request, line.path, name) : line.path.replace('{}', name),
          query: queryOf(line, name, given),
          ...(line.kind === 'member' ? { body: member(args, given) } : {}),
          ...(line.kind === 'content' ? { body: content(args, noun, given) } : {}),
        })
      if (line.kind === 'inspect' && given.pretty !== true) return show(out, args, String(given.format ?? ''), ask)
      if (line.kind === 'unlock') {
        await ask()
        throw new ExitError(1, 'Error: This node is not part of a swarm')
      }
      if (line.looksUpNetworks)
        for (const name of given.network as readonly string[])
          await engine.requestJson({ method: 'GET', path: `/networks/${name}`, query: { scope: 'swarm' } })
      if (line.rotates && given.rotate === true) await request({ method: 'GET', path: line.rotates })
      if (line.kind === 'compose' || line.kind === 'deploy') {
        await glanceAt(given['compose-file'] as readonly string[])
        if (line.kind === 'compose') throw plainAnswer
        if (!changed.has('detach')) err.line(detachNotice)
        await ask()
        throw new ExitError(1, notManager)
      }
      if (line.needsFlag && changed.size === 0) return out.write(await helpOf(path, line, flagTable))
      const names =
        line.kind === 'each' || line.kind === 'inspect' ? args : [args[0] ?? (line.resolvesSelf ? 'self' : '')]
      const errors: string[] = []
      for (const name of names) {
        try {
          await ask(name.split('=')[0])
          throw plainAnswer
        } catch (error) {
          errors.push(`${(line.prefix ?? '').replace('{}', name.split('=')[0]!)}${(error as Error).message}`)
        }
      }
      throw new ExitError(1, errors.join('\n'))
    },
  })
}

/** A group of such commands. */
export const swarmGroup = (
  noun: string,
  summary: string,
  lines: Readonly<Record<string, SwarmCommand>>,
  aliases: Readonly<Record<string, string>> = {},
): Group => ({
  summary,
  swarm: true,
  aliases,
  commands: Object.fromEntries(
    Object.entries(lines).map(([name, line]) => [name, async () => swarmCommand(noun, line)]),
  ),
})
