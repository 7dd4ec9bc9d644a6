import { EngineError, messageOf } from '../../base/errors.ts'
import type { DriverVolume, VolumeDriver, VolumeOptions } from '../driver.ts'
import { callPlugin } from './call.ts'
import type { PluginAddress } from './discover.ts'

interface PluginVolume {
  readonly Name: string
  readonly Mountpoint?: string
  readonly CreatedAt?: string
  readonly Status?: Readonly<Record<string, unknown>>
}

const toVolume = ({ Name, Mountpoint, CreatedAt, Status }: PluginVolume): DriverVolume => ({
  name: Name,
  path: Mountpoint ?? '',
  created: CreatedAt,
  status: Status,
})

/** Volumes of a plugin. Spec: https://docs.docker.com/engine/extend/plugins_volume/ */
export class PluginDriver implements VolumeDriver {
  readonly name: string
  readonly scope: 'local' | 'global'
  readonly #address: PluginAddress

  private constructor(name: string, scope: 'local' | 'global', address: PluginAddress) {
    this.name = name
    this.scope = scope
    this.#address = address
  }

  /** Undefined when the plugin keeps no volumes. @throws EngineError when it does not answer */
  static async activate(name: string, address: PluginAddress): Promise<PluginDriver | undefined> {
    const { Implements } = await callPlugin<{ Implements?: readonly string[] }>(address, 'Plugin.Activate')
    if (!Implements?.includes('VolumeDriver')) return undefined
    return new PluginDriver(name, await scopeOf(address), address)
  }

  async create(name: string, options: VolumeOptions | null): Promise<void> {
    await this.#call('Create', { Name: name, Opts: options }, true)
  }

  async get(name: string): Promise<DriverVolume | undefined> {
    try {
      const { Volume } = await this.#call<{ Volume?: PluginVolume }>('Get', { Name: name })
      return Volume && toVolume(Volume)
    } catch {
      return undefined // plugins have no way to tell "none" from "broken"
    }
  }

  async list(): Promise<readonly DriverVolume[]> {
    const { Volumes } = await this.#call<{ Volumes?: readonly PluginVolume[] | null }>('List', {})
    return (Volumes ?? []).map(toVolume)
  }

  async mount(name: string, id: string): Promise<string> {
    try {
      if (!(await this.get(name))) throw new EngineError('not-found', `get ${name}: no such volume`)
      const { Mountpoint } = await this.#call<{ Mountpoint?: string }>('Mount', { Name: name, ID: id }, true)
      return Mountpoint || (await this.#path(name))
    } catch (cause) {
      throw new EngineError('internal', `error while mounting volume '': ${messageOf(cause)}`, { cause })
    }
  }

  async unmount(name: string, id: string): Promise<void> {
    await this.#call('Unmount', { Name: name, ID: id }, true)
  }

  async remove(name: string): Promise<void> {
    await this.#call('Remove', { Name: name }, true)
  }

  async #path(name: string): Promise<string> {
    return (await this.#call<{ Mountpoint?: string }>('Path', { Name: name })).Mountpoint ?? ''
  }

  #call<T>(verb: string, question: unknown, patient = false): Promise<T> {
    return callPlugin<T>(this.#address, `VolumeDriver.${verb}`, question, patient)
  }
}

/** Older plugins do not know the question. */
async function scopeOf(address: PluginAddress): Promise<'local' | 'global'> {
  const ask = callPlugin<{ Capabilities?: { Scope?: string } }>(address, 'VolumeDriver.Capabilities', {})
  const { Capabilities } = await ask.catch((): { Capabilities?: { Scope?: string } } => ({}))
  return Capabilities?.Scope?.toLowerCase() === 'global' ? 'global' : 'local'
}
