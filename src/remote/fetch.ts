import type { Readable } from 'node:stream'
import type { Cancellable } from '../base/cancellable.ts'
import { EngineError } from '../base/errors.ts'
import type { RemoteConfig } from './config.ts'
import { send } from './http.ts'

/** A file from the web, redirects followed; no registry and no credentials. */
export async function agentlessFetch(url: URL, config: RemoteConfig, { signal }: Cancellable = {}): Promise<Readable> {
  for (let at = url, hops = 0; hops < 10; hops++) {
    const response = await send({ method: 'GET', url: at, signal, config })
    if (response.statusCode === 200) return response
    response.resume()
    const { location } = response.headers
    if (response.statusCode < 300 || response.statusCode > 399 || !location)
      throw new EngineError('invalid', `got HTTP response ${response.statusCode} from ${at}`)
    at = new URL(location, at)
  }
  throw new EngineError('invalid', `Get "${url}": stopped after 10 redirects`)
}
