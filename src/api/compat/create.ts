import { EngineError } from '../../base/errors.ts'
import type { ContainerConfig, HostConfig } from '../../spec/engine-api/container.ts'
import type { NetworkingConfig } from '../../spec/engine-api/network.ts'
import type { Mount } from '../../spec/engine-api/volume.ts'
import { atLeast } from '../versions.ts'
import { moveMacAddress, moveSysctls } from './endpoint.ts'

/** What a client asks for at create. */
export interface CreateWish {
  readonly config: ContainerConfig
  readonly hostConfig: HostConfig
  readonly networkingConfig: NetworkingConfig
  readonly platform: string | undefined
}

const invalid = (text: string) => new EngineError('invalid', text)

/** Drops what older clients cannot have meant, and refuses what they must not send. */
function adaptMount(mount: Mount, version: string): Mount {
  const { Type: type = '' } = mount
  const { VolumeOptions } = mount
  let { BindOptions, TmpfsOptions } = mount
  if (!atLeast(version, '1.40') && BindOptions) BindOptions = { ...BindOptions, NonRecursive: false }
  if (atLeast(version, '1.42')) {
    for (const [name, owner] of mountOptions)
      if (mount[name] && type !== owner) throw invalid(`${name} must not be specified on mount type "${type}"`)
  } else {
    if (BindOptions) BindOptions = { ...BindOptions, CreateMountpoint: false }
    if (type !== 'tmpfs') TmpfsOptions = undefined
  }
  if (!atLeast(version, '1.44') && type === 'bind') {
    if (BindOptions?.ReadOnlyForceRecursive)
      throw invalid('BindOptions.ReadOnlyForceRecursive needs API v1.44 or newer')
    if (mount.ReadOnly && BindOptions) BindOptions = { ...BindOptions, ReadOnlyNonRecursive: true }
  }
  if (!atLeast(version, '1.45') && VolumeOptions?.Subpath)
    throw invalid('VolumeOptions.Subpath needs API v1.45 or newer')
  if (!atLeast(version, '1.48') && type === 'image') throw invalid('Mount type "Image" needs API v1.48 or newer')
  return {
    ...mount,
    ...(BindOptions && { BindOptions: withoutFalse(BindOptions) }),
    TmpfsOptions,
  }
}

const mountOptions = [
  ['VolumeOptions', 'volume'],
  ['BindOptions', 'bind'],
  ['TmpfsOptions', 'tmpfs'],
] as const

const withoutFalse = <T extends object>(options: T): T =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== false)) as T

function adaptHost(host: HostConfig, version: string): HostConfig {
  return {
    ...host,
    AutoRemove: atLeast(version, '1.25') && (host.AutoRemove ?? false),
    IpcMode: host.IpcMode || (atLeast(version, '1.40') ? '' : 'shareable'),
    ConsoleSize: atLeast(version, '1.42') ? host.ConsoleSize : undefined,
    Annotations: atLeast(version, '1.43') ? host.Annotations : undefined,
    Mounts: host.Mounts?.map(mount => adaptMount(mount, version)),
  } as HostConfig
}

/**
 * A request of an older API as one of today's.
 *
 * @throws EngineError `invalid` with Docker's text
 */
export function adaptCreate(
  wish: CreateWish,
  version: string,
): { readonly wish: CreateWish; readonly warnings: readonly string[] } {
  const hostConfig = adaptHost(wish.hostConfig, version)
  const names = Object.keys(wish.networkingConfig.EndpointsConfig ?? {})
  if (!atLeast(version, '1.44') && names.length > 1)
    throw invalid(`Container cannot be created with multiple network endpoints: ${names.join(', ')}`)
  const health = wish.config.Healthcheck
  const config =
    health && !atLeast(version, '1.44')
      ? { ...wish.config, Healthcheck: { ...health, StartInterval: undefined } }
      : wish.config
  const platform = atLeast(version, '1.41') ? wish.platform : undefined
  const mac = moveMacAddress({ ...wish, config, hostConfig, platform }, version)
  const sysctls = moveSysctls(mac.wish, version)
  return { wish: sysctls.wish, warnings: [...mac.warnings, ...sysctls.warnings] }
}
