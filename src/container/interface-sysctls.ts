import { EngineError } from '../base/errors.ts'
import type { CreateContainerRequest } from '../spec/engine-api/engine.ts'

const driverOption = 'com.docker.network.endpoint.sysctls'
/** Clients since this one know the option of the driver. */
const strictMinor = 48

const isOfInterface = (name: string): boolean => /^net\.[^.]+\.[^.]+\.eth[^.]*\../.test(name)

export interface Moved {
  readonly request: CreateContainerRequest
  readonly warnings: readonly string[]
}

/**
 * Sysctls of one interface belong to its network: those of old clients move there.
 *
 * @throws EngineError `internal` with Docker's text: on the wire these are 500
 */
export function moveInterfaceSysctls(request: CreateContainerRequest): Moved {
  const all = Object.entries(request.hostConfig.Sysctls ?? {})
  const moving = all.filter(([name]) => isOfInterface(name))
  const mode = request.hostConfig.NetworkMode || 'default'
  if (moving.length === 0 || mode === 'host' || mode === 'none' || mode.startsWith('container:'))
    return { request, warnings: [] }
  for (const [name] of moving) refuse(name, request.apiVersion)
  const settings = moving.map(([name, value]) => `${name.replace('.eth0.', '.IFNAME.')}=${value}`).join(',')
  const rest = Object.fromEntries(all.filter(([name]) => !isOfInterface(name)))
  const names = moving.map(([name]) => `"${name}"`).join(', ')
  return {
    request: {
      ...request,
      hostConfig: { ...request.hostConfig, Sysctls: rest },
      networkingConfig: withOption(request, mode, settings),
    },
    warnings: [`Migrated sysctl ${names} to DriverOpts{"${driverOption}":"${settings}"}.`],
  }
}

function refuse(name: string, apiVersion: string | undefined): void {
  const minor = apiVersion ? Number(apiVersion.split('.')[1]) : strictMinor
  if (minor >= strictMinor)
    throw new EngineError(
      'internal',
      `interface specific sysctl setting "${name}" must be supplied using driver option '${driverOption}'`,
    )
  if (name.split('.')[3] === 'eth0') return
  throw new EngineError(
    'internal',
    `unable to determine network endpoint for sysctl ${name}, use driver option '${driverOption}' to set per-interface sysctls`,
  )
}

function withOption(
  { networkingConfig }: CreateContainerRequest,
  mode: string,
  settings: string,
): CreateContainerRequest['networkingConfig'] {
  const endpoints = networkingConfig.EndpointsConfig ?? {}
  const own = endpoints[mode] ?? {}
  return {
    ...networkingConfig,
    EndpointsConfig: {
      ...endpoints,
      [mode]: { ...own, DriverOpts: { ...own.DriverOpts, [driverOption]: settings } },
    },
  }
}
