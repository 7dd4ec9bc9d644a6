import { EngineError } from '../../base/errors.ts'
import type { BuildOptions } from '../../spec/engine-api/build-verbs.ts'
import type { LowLevelGraph } from '../../spec/engine-api/low-level.ts'
import type { Attributes, CacheLocation, SolveRequest } from '../../spec/engine-api/solver.ts'

/** What a client says of a build, in our words. */
export interface GraphOptions extends BuildOptions {
  readonly fileName: string
  /** stages that are built anew; undefined: none, empty: all */
  readonly freshStages: readonly string[] | undefined
  /** further contexts by name */
  readonly contexts: ReadonlyMap<string, string>
  /** files that the client gives by name, which contexts of the kind `input:` mean */
  readonly inputs: ReadonlyMap<string, LowLevelGraph>
  /** names of the client's directories */
  readonly contextDirectory: string
  readonly fileDirectory: string
  readonly platforms: readonly string[]
  /** something else than a build is asked for: `frontend.lint` and the like */
  readonly request: string | undefined
  readonly entitlements: readonly string[]
  /** where earlier builds of others left what they know */
  readonly cacheImports: readonly CacheLocation[]
  /** the image tells later builds how to find its layers */
  readonly inlineCache: boolean
  /** what is to attest to the result, by kind: `provenance`, `sbom` */
  readonly attestations: ReadonlyMap<string, Attributes>
  /** as the client gave them */
  readonly frontendOptions: Attributes
  /** seconds since 1970 */
  readonly sourceDateEpoch: number | undefined
}

const withPrefix = (options: Attributes, prefix: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(options)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), value]),
  )

const list = (text: string | undefined): readonly string[] =>
  (text ?? '')
    .split(',')
    .map(each => each.trim().replace(/^"(.*)"$/, '$1'))
    .filter(Boolean)

function ulimitsOf(text: string | undefined): BuildOptions['ulimits'] {
  const all = list(text).map(each => {
    const [, Name, soft, hard = soft] = /^([a-z]+)=(-?\d+)(?::(-?\d+))?$/.exec(each) ?? []
    if (Name === undefined) throw new EngineError('invalid', `failed to parse ulimit: invalid ulimit argument: ${each}`)
    return { Name, Soft: Number(soft), Hard: Number(hard) }
  })
  return all.length ? all : null
}

export function epochOf(text: string | undefined): number | undefined {
  if (!text) return undefined
  if (!/^\d+$/.test(text)) throw new EngineError('invalid', `invalid SOURCE_DATE_EPOCH: ${text}`)
  return Number(text)
}

/** Clients that run the frontend write it among its options. */
function listedImports(options: Attributes): readonly CacheLocation[] {
  const refs = list(options['cache-from']).map(ref => ({ type: 'registry', attributes: { ref } }))
  if (!options['cache-imports']) return refs
  try {
    const entries = JSON.parse(options['cache-imports']) as { Type: string; Attrs: Attributes }[]
    return [...refs, ...entries.map(({ Type, Attrs }) => ({ type: Type, attributes: Attrs ?? {} }))]
  } catch {
    throw new EngineError('invalid', `failed to unmarshal cache-imports: ${options['cache-imports']}`)
  }
}

/** `mode=max,inline-only=true` as attributes; one that is disabled is none. */
function attestationsOf(options: Attributes): ReadonlyMap<string, Attributes> {
  const all = Object.entries(withPrefix(options, 'attest:')).map(([kind, text]) => {
    const pairs = list(text).map(each => [each.split('=', 1)[0]!, each.slice(each.indexOf('=') + 1)] as const)
    return [kind, Object.fromEntries(pairs)] as const
  })
  return new Map(all.filter(([, { disabled }]) => disabled !== 'true'))
}

const networks: Readonly<Record<string, string>> = { none: 'none', host: 'host' }

/** @throws EngineError `invalid` */
export function toOptions({ options, entitlements, cacheImports, inputs, signal }: SolveRequest): GraphOptions {
  const buildArgs = withPrefix(options, 'build-arg:')
  const platforms = list(options.platform)
  return {
    tags: [],
    fileName: options.filename || 'Dockerfile',
    remote: options.context,
    freshStages: options['no-cache'] === undefined ? undefined : list(options['no-cache']),
    contexts: new Map(Object.entries(withPrefix(options, 'context:'))),
    inputs: inputs ?? new Map(),
    contextDirectory: options.contextkey || 'context',
    fileDirectory: options.dockerfilekey || 'dockerfile',
    platforms,
    platform: platforms[0],
    request: options.requestid || undefined,
    entitlements,
    cacheImports: [...cacheImports, ...listedImports(options)],
    inlineCache: buildArgs.BUILDKIT_INLINE_CACHE === '1',
    attestations: attestationsOf(options),
    frontendOptions: options,
    sourceDateEpoch: epochOf(buildArgs.SOURCE_DATE_EPOCH),
    buildArgs,
    labels: withPrefix(options, 'label:'),
    target: options.target || undefined,
    pull: options['image-resolve-mode'] === 'pull',
    hostname: buildArgs.BUILDKIT_SANDBOX_HOSTNAME || options.hostname || undefined,
    networkMode: networks[options['force-network-mode'] ?? ''],
    extraHosts: list(options['add-hosts']).map(each => each.replace('=', ':')),
    ulimits: ulimitsOf(options.ulimit),
    shmSize: options['shm-size'] ? Number(options['shm-size']) : undefined,
    cgroupParent: options['cgroup-parent'] || undefined,
    signal,
  }
}
