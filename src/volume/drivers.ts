import { EngineError, messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { SingleFlight } from '../base/single-flight.ts'
import type { VolumeDriver } from './driver.ts'
import type { LocalDriver } from './local.ts'
import { defaultPluginDirs, findPlugin, type PluginDirs, pluginNames } from './plugin/discover.ts'
import { PluginDriver } from './plugin/plugin-driver.ts'

/** Drivers by name: ours, and plugins, which are found when they are wanted. */
export class Drivers {
  readonly local: LocalDriver
  readonly #log: Log
  readonly #dirs: PluginDirs
  readonly #plugins = new Map<string, PluginDriver | undefined>()
  readonly #activations = new SingleFlight<PluginDriver | undefined>()

  constructor(local: LocalDriver, log: Log, dirs: PluginDirs = defaultPluginDirs) {
    this.local = local
    this.#log = log
    this.#dirs = dirs
  }

  /** @throws EngineError `not-found` with Docker's text */
  async find(name: string): Promise<VolumeDriver> {
    if (name === 'local') return this.local
    const plugin = await this.#plugin(name).catch((cause: unknown) => {
      throw new EngineError('not-found', `error looking up volume plugin ${name}: ${messageOf(cause)}`, { cause })
    })
    if (plugin) return plugin
    const isThere = findPlugin(this.#dirs, name) !== undefined
    const why = isThere ? 'plugin does not implement the requested type' : `plugin "${name}" not found`
    throw new EngineError('not-found', `error looking up volume plugin ${name}: ${why}`)
  }

  /** All plugins that keep volumes and answer. */
  async plugins(): Promise<readonly PluginDriver[]> {
    const found = pluginNames(this.#dirs).map(name =>
      this.#plugin(name).catch(
        (error: unknown) => void this.#log.debug('plugin does not answer', { plugin: name, error: messageOf(error) }),
      ),
    )
    return (await Promise.all(found)).filter(plugin => plugin !== undefined)
  }

  async #plugin(name: string): Promise<PluginDriver | undefined> {
    if (this.#plugins.has(name)) return this.#plugins.get(name)
    const address = findPlugin(this.#dirs, name)
    if (!address) return undefined
    const plugin = await this.#activations.do(name, () => PluginDriver.activate(name, address))
    this.#plugins.set(name, plugin)
    return plugin
  }
}
