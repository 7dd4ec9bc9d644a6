import type { Cancellable } from '../base/cancellable.ts'
import { EngineError, messageOf } from '../base/errors.ts'
import type { AuthResponse, RegistryAuth } from '../spec/engine-api/engine.ts'
import { hubHost, hubIndex, type RemoteConfig } from './config.ts'
import { endpointsOf } from './endpoints.ts'
import { NetworkError } from './http.ts'
import { Session } from './session.ts'

/** The registry that a server address means. */
export function domainOf(serverAddress: string | undefined): string {
  if (!serverAddress || serverAddress === hubIndex) return hubHost
  const host = serverAddress.replace(/^https?:\/\//, '').replace(/\/.*$/, '')
  return host === 'index.docker.io' || host === 'registry-1.docker.io' ? hubHost : host
}

/** Tries credentials at their registry. */
export async function login(
  auth: RegistryAuth,
  config: RemoteConfig,
  { signal }: Cancellable = {},
): Promise<AuthResponse> {
  let failure: unknown
  for (const endpoint of endpointsOf(domainOf(auth.serverAddress), config).filter(({ isMirror }) => !isMirror)) {
    try {
      const response = await new Session(endpoint, [], auth, config).request({ method: 'GET', url: '/v2/', signal })
      response.resume()
      return { IdentityToken: '', Status: 'Login Succeeded' }
    } catch (error) {
      failure = error instanceof EngineError && error.kind === 'unauthorized' ? refused(endpoint.base, error) : error
      if (!(error instanceof NetworkError)) break
    }
  }
  throw failure
}

const refused = (base: string, error: Error) =>
  new EngineError('unauthorized', `Get "${base}/v2/": ${messageOf(error)}`, { cause: error })
