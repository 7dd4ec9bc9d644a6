import { EngineError } from '../../base/errors.ts'
import type { EndpointSettings } from '../../spec/engine-api/network.ts'
import { atLeast } from '../versions.ts'
import type { CreateWish } from './create.ts'

interface Moved {
  readonly wish: CreateWish
  readonly warnings: readonly string[]
}

const modeOf = ({ hostConfig }: CreateWish): string => hostConfig.NetworkMode || 'default'

/** Whether the container has a network of its own, with an interface that has an address. */
const hasInterface = (mode: string): boolean => !['host', 'none'].includes(mode) && !mode.startsWith('container:')

/** Settings of the network that the mode names. */
function mainEndpoint(wish: CreateWish): readonly [string, EndpointSettings] {
  const endpoints = wish.networkingConfig.EndpointsConfig ?? {}
  const mode = modeOf(wish)
  const names = mode === 'default' || mode === 'bridge' ? ['default', 'bridge'] : [mode]
  const name = names.find(candidate => endpoints[candidate]) ?? (mode === 'default' ? 'bridge' : mode)
  return [name, endpoints[name] ?? {}]
}

function withEndpoint(wish: CreateWish, name: string, settings: EndpointSettings): CreateWish {
  const { networkingConfig } = wish
  return {
    ...wish,
    networkingConfig: {
      ...networkingConfig,
      EndpointsConfig: { ...networkingConfig.EndpointsConfig, [name]: settings },
    },
  }
}

function withoutMacs(wish: CreateWish): CreateWish {
  const { EndpointsConfig } = wish.networkingConfig
  if (!EndpointsConfig) return wish
  const entries = Object.entries(EndpointsConfig).map(([name, one]) => [name, one && { ...one, MacAddress: '' }])
  return { ...wish, networkingConfig: { ...wish.networkingConfig, EndpointsConfig: Object.fromEntries(entries) } }
}

/**
 * A container's MAC address belongs to its network since 1.44; older clients know no other place for it.
 *
 * @throws EngineError `invalid` with Docker's text
 */
export function moveMacAddress(wish: CreateWish, version: string): Moved {
  const { MacAddress: mac, ...config } = wish.config
  const isNew = atLeast(version, '1.44')
  if (!mac) return { wish: isNew ? wish : withoutMacs(wish), warnings: [] }
  const bare = { ...wish, config }
  const warnings = isNew
    ? ['The container-wide MacAddress field is now deprecated. It should be specified in EndpointsConfig instead.']
    : []
  if (!hasInterface(modeOf(wish))) {
    if (isNew) return { wish: bare, warnings }
    throw new EngineError('invalid', 'conflicting options: mac-address and the network mode')
  }
  const [name, settings] = mainEndpoint(wish)
  if (isNew && settings.MacAddress && settings.MacAddress !== mac)
    throw new EngineError(
      'invalid',
      'the container-wide MAC address must match the endpoint-specific MAC address for the main network, or be left empty',
    )
  return { wish: withEndpoint(bare, name, { ...settings, MacAddress: mac }), warnings }
}

const optionName = 'com.docker.network.endpoint.sysctls'

/**
 * Sysctls of an interface belong to its network since 1.46; for a while they are moved for clients that do not know.
 *
 * @throws EngineError `internal` (sic) with Docker's text
 */
export function moveSysctls(wish: CreateWish, version: string): Moved {
  const sysctls = Object.entries(wish.hostConfig.Sysctls ?? {})
  const isOfInterface = ([key]: readonly [string, string]) => /^net\.[^.]*\.[^.]*\.eth[^.]*\./.test(key)
  const moved = sysctls.filter(isOfInterface)
  if (moved.length === 0 || !hasInterface(modeOf(wish))) return { wish, warnings: [] }
  for (const [key] of moved) refuseSysctl(key, version)
  const [name, settings] = mainEndpoint(wish)
  const own = settings.DriverOpts?.[optionName]
  const texts = moved.map(([key, value]) => `${key.replace(/\.eth0\./, '.IFNAME.')}=${value}`)
  const text = [...texts, ...(own === undefined ? [] : [own])].join(',')
  const hostConfig = { ...wish.hostConfig, Sysctls: Object.fromEntries(sysctls.filter(entry => !isOfInterface(entry))) }
  const endpoint = { ...settings, DriverOpts: { ...settings.DriverOpts, [optionName]: text } }
  const keys = moved.map(([key]) => key).join(',')
  const warning = `Migrated sysctl "${keys}" to DriverOpts{"${optionName}":"${texts.join(',')}"}.`
  return { wish: withEndpoint({ ...wish, hostConfig }, name, endpoint), warnings: [warning] }
}

function refuseSysctl(key: string, version: string): void {
  if (atLeast(version, '1.48'))
    throw new EngineError(
      'internal',
      `interface specific sysctl setting "${key}" must be supplied using driver option '${optionName}'`,
    )
  if (key.split('.')[3] !== 'eth0')
    throw new EngineError(
      'internal',
      `unable to determine network endpoint for sysctl ${key}, use driver option '${optionName}' to set per-interface sysctls`,
    )
}
