import type { CreateContainerRequest } from '../../../spec/engine-api/engine.ts'
import { ExitError } from '../../errors.ts'
import type { FlagValues } from '../../flags.ts'
import { cut } from '../../options/csv.ts'
import { readEnvironment, readPairs } from '../../options/environment.ts'
import { parseHealth } from '../../options/health.ts'
import { checkMac, toEndpoints } from '../../options/network.ts'
import { parsePublish } from '../../options/publish.ts'
import { isAnonymous } from '../../options/volume.ts'
import type { createFlags } from './create-flags.ts'
import { toHostConfig } from './host-config.ts'

export type CreateFlagValues = FlagValues<typeof createFlags>

/** Which streams of the container its maker joins. */
export interface Streams {
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
}

export const toMap = (words: readonly string[]): Record<string, string> =>
  Object.fromEntries(words.map(word => [cut(word)[0], cut(word)[1] ?? '']))

export const orNull = <T>(list: readonly T[]): readonly T[] | null => (list.length ? list : null)

/** `-a`, or all output and, with `-i`, input. */
export const streamsOf = ({ attach, interactive }: CreateFlagValues): Streams =>
  attach.length === 0
    ? { stdin: interactive, stdout: true, stderr: true }
    : { stdin: attach.includes('stdin'), stdout: attach.includes('stdout'), stderr: attach.includes('stderr') }

const labels = (flags: CreateFlagValues): Record<string, string> => ({
  ...toMap(flags['label-file'].flatMap(path => readPairs(path, 'label', name => `${name}=`))),
  ...toMap(flags.label),
})

function entrypoint(flags: CreateFlagValues, changed: ReadonlySet<string>): readonly string[] | null {
  return changed.has('entrypoint') ? [flags.entrypoint] : null
}

function toConfig(
  flags: CreateFlagValues,
  changed: ReadonlySet<string>,
  [image = '', ...words]: readonly string[],
  env: readonly string[],
  exposed: Readonly<Record<string, object>>,
  streams: Streams,
): object {
  const health = parseHealth(flags)
  return {
    Hostname: flags.hostname,
    Domainname: flags.domainname,
    User: flags.user,
    AttachStdin: streams.stdin,
    AttachStdout: streams.stdout,
    AttachStderr: streams.stderr,
    ...(Object.keys(exposed).length ? { ExposedPorts: exposed } : {}),
    Tty: flags.tty,
    OpenStdin: flags.interactive,
    StdinOnce: flags.interactive && streams.stdin,
    Env: orNull(env),
    Cmd: orNull(words),
    ...(health ? { Healthcheck: health } : {}),
    Image: image,
    Volumes: Object.fromEntries(flags.volume.filter(isAnonymous).map(volume => [volume, {}])),
    WorkingDir: flags.workdir,
    Entrypoint: entrypoint(flags, changed),
    OnBuild: null,
    Labels: labels(flags),
    ...(flags['stop-signal'] ? { StopSignal: flags['stop-signal'] } : {}),
    ...(changed.has('stop-timeout') ? { StopTimeout: flags['stop-timeout'] } : {}),
  }
}

/** The create body that a command line asks for. */
export function toCreateRequest(
  flags: CreateFlagValues,
  changed: ReadonlySet<string>,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  streams: Streams,
  moreEnv: (given: readonly string[]) => readonly string[],
): Omit<CreateContainerRequest, 'apiVersion'> {
  checkMac(flags['mac-address'])
  const { bindings, exposed } = parsePublish(flags.publish, flags.expose)
  const given = readEnvironment(flags['env-file'], flags.env, environment)
  const { endpoints, mode } = toEndpoints([...flags.network, ...flags.net], {
    aliases: [...flags['network-alias'], ...flags['net-alias']],
    links: flags.link,
    ip: flags.ip,
    ip6: flags.ip6,
    mac: flags['mac-address'],
    linkLocal: flags['link-local-ip'],
  })
  const config = toConfig(flags, changed, args, [...given, ...moreEnv(given)], exposed, streams)
  const hostConfig = toHostConfig(flags, changed, bindings, mode)
  if (!/^(always|missing|never|)$/.test(flags.pull))
    throw new ExitError(125, `invalid pull option: '${flags.pull}': must be one of "always", "missing" or "never"`)
  return {
    ...(flags.name ? { name: flags.name } : {}),
    ...(flags.platform ? { platform: flags.platform } : {}),
    config: config as unknown as CreateContainerRequest['config'],
    hostConfig: hostConfig as unknown as CreateContainerRequest['hostConfig'],
    networkingConfig: { EndpointsConfig: endpoints } as unknown as CreateContainerRequest['networkingConfig'],
  }
}
