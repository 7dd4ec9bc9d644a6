import type { Cancellable } from '../base/cancellable.ts'
import { EngineError } from '../base/errors.ts'
import type { RemoteConfig } from './config.ts'
import { readBody, send } from './http.ts'
import { toRegistryError } from './registry-error.ts'

export interface SearchResult {
  readonly star_count: number
  readonly is_official: boolean
  readonly name: string
  readonly is_automated: boolean
  readonly description: string
}

/** Asks Docker Hub's index, or that of the registry in front of the term. */
export async function searchIndex(
  term: string,
  limit: number,
  config: RemoteConfig,
  { signal }: Cancellable = {},
): Promise<readonly SearchResult[]> {
  if (term.includes('://'))
    throw new EngineError('invalid', `invalid repository name: repository name (${term}) should not have a scheme`)
  const slash = term.indexOf('/')
  const first = slash < 0 ? '' : term.slice(0, slash)
  const hasHost = /[.:]/.test(first) || first === 'localhost'
  const url = new URL(`https://${hasHost ? first : 'index.docker.io'}/v1/search`)
  url.searchParams.set('q', hasHost ? term.slice(slash + 1) : term.replace(/^library\//, ''))
  url.searchParams.set('n', String(limit))
  const response = await send({ method: 'GET', url, headers: { 'X-Docker-Token': 'true' }, signal, config })
  if (response.statusCode !== 200) throw await toRegistryError(response)
  return JSON.parse((await readBody(response)).toString()).results ?? []
}
