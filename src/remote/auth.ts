import { EngineError } from '../base/errors.ts'
import { Secret } from '../base/secret.ts'
import type { RegistryAuth } from '../spec/engine-api/engine.ts'
import type { RemoteConfig } from './config.ts'
import { readBody, send } from './http.ts'
import { toRegistryError } from './registry-error.ts'

export interface Challenge {
  readonly scheme: 'bearer' | 'basic'
  readonly parameters: ReadonlyMap<string, string>
}

/** The challenges of WWW-Authenticate that are understood. Spec: RFC 9110, section 11.6.1 */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: Challenge[] = []
  for (const [, scheme, rest] of header.matchAll(
    /\b(bearer|basic)\b((?:\s*,?\s*[\w-]+=(?:"(?:[^"\\]|\\.)*"|[^\s,"]+))*)/gi,
  )) {
    const parameters = new Map<string, string>()
    for (const [, key, quoted, plain] of rest!.matchAll(/([\w-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g))
      parameters.set(key!.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain!)
    challenges.push({ scheme: scheme!.toLowerCase() as 'bearer' | 'basic', parameters })
  }
  return challenges
}

interface Token {
  readonly value: Secret
  readonly expiresAt: number
}

/** Answers the challenges of one registry with one user's credentials, and remembers the tokens. */
export class Authorizer {
  readonly #auth: RegistryAuth | undefined
  readonly #config: RemoteConfig
  readonly #scopes: readonly string[]
  #basic = false
  #token: Token | undefined
  #pending: Promise<void> | undefined

  /** @param scopes such as `repository:library/x:pull` */
  constructor(auth: RegistryAuth | undefined, scopes: readonly string[], config: RemoteConfig) {
    this.#auth = auth
    this.#scopes = scopes
    this.#config = config
    if (auth?.registryToken) this.#token = { value: auth.registryToken, expiresAt: Number.POSITIVE_INFINITY }
  }

  /** The value of the Authorization header to begin with; undefined when none is known to be wanted. */
  header(): string | undefined {
    if (this.#token && this.#token.expiresAt > Date.now()) return `Bearer ${this.#token.value.reveal()}`
    return this.#basic ? this.#basicHeader() : undefined
  }

  /** Learns from a 401; false when there is nothing more to offer. */
  async learn(header: string, signal?: AbortSignal): Promise<boolean> {
    const challenges = parseChallenges(header)
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer')
    if (bearer) {
      if (this.#auth?.registryToken) return false
      this.#pending ??= this.#fetchToken(bearer, signal).finally(() => {
        this.#pending = undefined
      })
      await this.#pending
      return true
    }
    if (!challenges.some(({ scheme }) => scheme === 'basic') || this.#basic || !this.#auth?.username) return false
    this.#basic = true
    return true
  }

  #basicHeader(): string | undefined {
    const { username, password } = this.#auth ?? {}
    if (!username) return undefined
    return `Basic ${Buffer.from(`${username}:${password?.reveal() ?? ''}`).toString('base64')}`
  }

  async #fetchToken({ parameters }: Challenge, signal?: AbortSignal): Promise<void> {
    const realm = parameters.get('realm') ?? ''
    if (!URL.canParse(realm) || !/^https?:/.test(realm))
      throw new EngineError('unauthorized', `no usable realm in the registry's challenge: ${JSON.stringify(realm)}`)
    const scope = [...new Set([...this.#scopes, ...(parameters.get('scope')?.split(' ') ?? [])])].filter(Boolean)
    const service = parameters.get('service') ?? ''
    const response = this.#auth?.identityToken
      ? await this.#postToken(new URL(realm), service, scope, this.#auth.identityToken, signal)
      : await this.#getToken(new URL(realm), service, scope, signal)
    if (response.statusCode !== 200) throw await toRegistryError(response)
    const body = JSON.parse((await readBody(response, 1 << 20)).toString())
    const value = body.token ?? body.access_token
    if (typeof value !== 'string')
      throw new EngineError('unauthorized', 'authorization server did not include a token in the response')
    const lifeSeconds = Math.max(Number(body.expires_in) || 60, 60)
    this.#token = { value: new Secret(value), expiresAt: Date.now() + (lifeSeconds - 10) * 1000 }
  }

  #getToken(url: URL, service: string, scopes: readonly string[], signal?: AbortSignal) {
    if (service) url.searchParams.set('service', service)
    for (const scope of scopes) url.searchParams.append('scope', scope)
    const basic = this.#basicHeader()
    if (basic && this.#auth?.username) url.searchParams.set('account', this.#auth.username)
    const headers = basic ? { Authorization: basic } : {}
    return send({ method: 'GET', url, headers, signal, config: this.#config })
  }

  #postToken(url: URL, service: string, scopes: readonly string[], refreshToken: Secret, signal?: AbortSignal) {
    const form = { grant_type: 'refresh_token', refresh_token: refreshToken.reveal(), service, client_id: 'docker' }
    const body = new URLSearchParams({ ...form, scope: scopes.join(' ') }).toString()
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
    return send({ method: 'POST', url, headers, body, signal, config: this.#config })
  }
}
