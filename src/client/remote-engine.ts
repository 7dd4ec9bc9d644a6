import type { Duplex } from 'node:stream'
import { parseJson } from '../base/json.ts'
import type { BuildCacheVerbs } from '../spec/engine-api/build-verbs.ts'
import type { EngineConnection, EngineEndpoint, PingInfo, RawRequest } from '../spec/engine-api/connection.ts'
import type {
  ContainerVerbs,
  ExecVerbs,
  ImageVerbs,
  NetworkVerbs,
  OnProgress,
  SystemVerbs,
  VolumeVerbs,
} from '../spec/engine-api/engine.ts'
import { buildCacheVerbs } from './build-caches.ts'
import { containerVerbs } from './containers.ts'
import { execVerbs } from './execs.ts'
import { objectsOf, textOf } from './http.ts'
import { imageVerbs } from './images.ts'
import { networkVerbs } from './networks.ts'
import { reportProgress } from './progress.ts'
import { Session } from './session.ts'
import { systemVerbs } from './system.ts'
import { volumeVerbs } from './volumes.ts'

/** Another engine, reached over HTTP. Connects at the first verb, not before. */
export class RemoteEngine implements EngineConnection {
  readonly containers: ContainerVerbs
  readonly execs: ExecVerbs
  readonly images: ImageVerbs
  readonly networks: NetworkVerbs
  readonly volumes: VolumeVerbs
  readonly system: SystemVerbs
  readonly buildCaches: BuildCacheVerbs
  readonly #session: Session

  constructor(endpoint: EngineEndpoint) {
    const session = new Session(endpoint)
    this.#session = session
    this.containers = containerVerbs(session)
    this.execs = execVerbs(session)
    this.images = imageVerbs(session)
    this.networks = networkVerbs(session)
    this.volumes = volumeVerbs(session)
    this.system = systemVerbs(session)
    this.buildCaches = buildCacheVerbs(session)
  }

  get host(): string {
    return this.#session.endpoint.host
  }

  negotiate(): Promise<PingInfo> {
    return this.#session.negotiate()
  }

  apiVersion(): Promise<string> {
    return this.#session.apiVersion()
  }

  async requestJson(request: RawRequest): Promise<unknown> {
    const { body } = await this.#session.request(request)
    const text = await textOf(body)
    return text.trim() ? parseJson(text) : undefined
  }

  async requestProgress(request: RawRequest, progress: OnProgress): Promise<void> {
    const { body } = await this.#session.request(request)
    await reportProgress(objectsOf(body), progress)
  }

  dial(): Promise<Duplex> {
    return this.#session.dial()
  }

  close(): void {
    this.#session.close()
  }
}
