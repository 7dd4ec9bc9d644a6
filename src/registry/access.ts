import { OciError } from './errors.ts'
import type { Action, Identity } from './identity.ts'
import { nobody } from './identity.ts'
import { type Passwords, parseBasic } from './passwords.ts'
import type { RegistryRequest, Reply } from './request.ts'
import type { Decide } from './rules.ts'
import { issueToken } from './token-route.ts'
import { type Tokens, toGrants } from './tokens.ts'

/** Who may do what. */
export interface Access {
  /**
   * Finds out who asks.
   *
   * @throws OciError `UNAUTHORIZED` for credentials that are wrong, `TOOMANYREQUESTS`
   */
  identify(request: RegistryRequest): Promise<Identity>
  allows(identity: Identity, repository: string, action: Action): boolean
  /** The refusal: log in, or, for those who have, no. What is not there is refused in the same way. */
  refusal(request: RegistryRequest, identity: Identity, repository?: string, actions?: readonly Action[]): OciError
  /** `/token`, where there is one */
  token?(request: RegistryRequest): Promise<Reply>
}

/** Everybody may do everything. */
export const openAccess: Access = {
  identify: async () => ({ name: 'anybody' }),
  allows: () => true,
  refusal: () => new OciError('DENIED'),
}

export interface AccessOptions {
  readonly passwords: Passwords
  readonly decide: Decide
  /** with it clients get tokens; passwords are accepted as well */
  readonly tokens?: Tokens | undefined
  /** address of the token endpoint as clients see it; default from the request */
  readonly realm?: string | undefined
}

/** Users by password, or by a token that they got for it. */
export class UserAccess implements Access {
  readonly #options: AccessOptions

  constructor(options: AccessOptions) {
    this.#options = options
  }

  async identify(request: RegistryRequest): Promise<Identity> {
    const { authorization } = request.headers
    if (authorization === undefined) return nobody
    const credentials = parseBasic(authorization)
    const found = credentials
      ? await this.#options.passwords.verify(credentials, request.from)
      : this.#byToken(authorization)
    if (!found) throw this.#unauthorized(request, undefined, 'invalid_token')
    return found
  }

  allows(identity: Identity, repository: string, action: Action): boolean {
    return this.#options.decide(identity, repository, action)
  }

  refusal(
    request: RegistryRequest,
    identity: Identity,
    repository?: string,
    actions: readonly Action[] = [],
  ): OciError {
    const scope = repository === undefined ? undefined : `repository:${repository}:${actions.join(',')}`
    // a token may have been made for something else: another one may do
    if (identity.name === undefined || this.#isByToken(request))
      return this.#unauthorized(request, scope, identity.name === undefined ? undefined : 'insufficient_scope')
    return new OciError('DENIED')
  }

  async token(request: RegistryRequest): Promise<Reply> {
    const { tokens, passwords, decide } = this.#options
    if (!tokens) throw new OciError('NAME_UNKNOWN', undefined, { status: 404 })
    return issueToken({ tokens, passwords, decide }, request)
  }

  #isByToken = ({ headers }: RegistryRequest): boolean => /^bearer /i.test(headers.authorization ?? '')

  #byToken(authorization: string): Identity | undefined {
    const [, text = ''] = /^bearer\s+([\w.-]+)$/i.exec(authorization) ?? []
    const claims = this.#options.tokens?.read(text)
    return claims && { name: claims.sub || undefined, grants: toGrants(claims) }
  }

  #unauthorized(request: RegistryRequest, scope?: string, error?: string): OciError {
    const { tokens, realm } = this.#options
    const service = tokens?.service ?? 'berth-registry'
    const more = `${scope ? `,scope="${scope}"` : ''}${error ? `,error="${error}"` : ''}`
    const challenge = tokens
      ? `Bearer realm="${realm ?? `${request.origin ?? ''}/token`}",service="${service}"${more}`
      : `Basic realm="${service}"`
    return new OciError('UNAUTHORIZED', undefined, { headers: { 'Www-Authenticate': challenge } })
  }
}
