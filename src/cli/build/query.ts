import type { buildFlags } from '../commands/builder/build-flags.ts'
import type { Config } from '../config.ts'
import type { FlagValues } from '../flags.ts'
import { parseUlimit } from '../options/checks.ts'
import { cut } from '../options/csv.ts'
import { proxyVariables } from '../options/environment.ts'
import type { BuildContext } from './context.ts'

type Flags = FlagValues<typeof buildFlags>
type Query = Readonly<Record<string, string | readonly string[] | undefined>>

/** `A=1`, `A` from our environment, or null for an ARG that takes its default. */
function buildArguments(words: readonly string[], config: Config, host: string): Record<string, string | null> {
  const given = words.map(word => {
    const [name, value] = cut(word)
    return [name, value ?? config.environment[name] ?? null] as const
  })
  const proxies = proxyVariables(config.file.proxies, host, words).map(
    word => [cut(word)[0], cut(word)[1] ?? ''] as const,
  )
  return Object.fromEntries([...proxies, ...given])
}

const json = (value: object): string | undefined => (Object.keys(value).length ? JSON.stringify(value) : undefined)
const number = (value: number): string | undefined => (value ? String(value) : undefined)
const one = (value: boolean): string | undefined => (value ? '1' : undefined)

const sorted = <T>(map: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)))

/** The parameters of POST /build: whatever is not as usual. */
export function toBuildQuery(flags: Flags, { dockerfile, remote }: BuildContext, config: Config, host: string): Query {
  const platform = flags.platform || config.env('DOCKER_DEFAULT_PLATFORM')
  const labels = Object.fromEntries(flags.label.map(word => [cut(word)[0], cut(word)[1] ?? '']))
  return {
    buildargs: json(sorted(buildArguments(flags['build-arg'], config, host))),
    cachefrom: flags['cache-from'].length ? JSON.stringify(flags['cache-from']) : undefined,
    cgroupparent: flags['cgroup-parent'] || undefined,
    cpuperiod: number(flags['cpu-period']),
    cpuquota: number(flags['cpu-quota']),
    cpusetcpus: flags['cpuset-cpus'] || undefined,
    cpusetmems: flags['cpuset-mems'] || undefined,
    cpushares: number(flags['cpu-shares']),
    dockerfile: dockerfile || undefined,
    extrahosts: flags['add-host'].length ? flags['add-host'] : undefined,
    forcerm: one(flags['force-rm']),
    isolation: flags.isolation === 'default' ? undefined : flags.isolation || undefined,
    labels: json(sorted(labels)),
    memory: number(flags.memory),
    memswap: number(flags['memory-swap']),
    networkmode: flags.network === 'default' ? undefined : flags.network || undefined,
    nocache: one(flags['no-cache']),
    platform: platform?.toLowerCase() || undefined,
    pull: one(flags.pull),
    q: one(flags.quiet),
    remote,
    rm: flags.rm ? undefined : '0',
    securityopt: flags['security-opt'].length ? flags['security-opt'] : undefined,
    shmsize: number(flags['shm-size']),
    squash: one(flags.squash),
    t: flags.tag.length ? flags.tag : undefined,
    target: flags.target || undefined,
    ulimits: flags.ulimit.length ? JSON.stringify(flags.ulimit.map(parseUlimit)) : undefined,
    version: '1',
  }
}
