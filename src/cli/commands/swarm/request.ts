import { readFileSync } from 'node:fs'
import { ExitError } from '../../errors.ts'
import { parseFilters } from '../../filters.ts'
import { openFailure } from '../../terminal/file.ts'
import { toMap } from '../container/create-request.ts'

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

function contentOf(file: string, word: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'base64')
  } catch (error) {
    const why = `error reading from ${file}: open ${file}: ${openFailure(error)}`
    throw new ExitError(1, word === 'config' ? `Error reading content from ${JSON.stringify(file)}: ${why}` : why)
  }
}

/** A secret that a driver keeps has no content here. */
export function content([name = '', file]: readonly string[], noun: string, flags: Given): object {
  const driver = String(flags.driver ?? '')
  const template = String(flags['template-driver'] ?? '')
  return {
    Name: name,
    Labels: toMap((flags.label ?? []) as readonly string[]),
    ...(file === undefined && driver ? {} : { Data: contentOf(file ?? '-', noun) }),
    ...(driver ? { Driver: { Name: driver } } : {}),
    ...(template ? { Templating: { Name: template } } : {}),
  }
}

/** What a node says of itself when it begins or joins a swarm. */
export function member([remote]: readonly string[], flags: Given): object {
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
export function queryOf({ query = {}, path, method, ...line }: SwarmCommand, name: string, given: Given) {
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

export type Given = Readonly<Record<string, unknown>>
