import { createHash } from 'node:crypto'
import { readBody } from './batches.ts'
import { OciError } from './errors.ts'
import { type Identity, nobody } from './identity.ts'
import { type Passwords, parseBasic } from './passwords.ts'
import { json, type RegistryRequest, type Reply } from './request.ts'
import type { Decide } from './rules.ts'
import { type Claims, parseScopes, type Tokens } from './tokens.ts'

const tokenSeconds = 300
const refreshSeconds = 90 * 24 * 3600
const refreshAudience = 'refresh'

interface TokenDeps {
  readonly tokens: Tokens
  readonly passwords: Passwords
  readonly decide: Decide
}

/**
 * `GET` or `POST /token`: what the user may do of what is asked, in a token.
 * Spec: https://distribution.github.io/distribution/spec/auth/token/ and …/oauth/
 */
export async function issueToken(deps: TokenDeps, request: RegistryRequest): Promise<Reply> {
  const form = await formOf(request)
  const identity = await identify(deps, request, form)
  const access = parseScopes(form.getAll('scope')).map(({ name, actions, type }) => ({
    type,
    name,
    actions: actions.filter(action => deps.decide(identity, name, action)),
  }))
  if (identity.name === undefined && !access.some(({ actions }) => actions.length > 0)) throw unauthorized()
  const token = deps.tokens.sign({ sub: identity.name ?? '', access }, tokenSeconds)
  const wantsRefresh = form.get('offline_token') === 'true' || form.get('access_type') === 'offline'
  const refresh = wantsRefresh ? refreshToken(deps, identity) : undefined
  const issued = { token, access_token: token, expires_in: tokenSeconds, issued_at: new Date().toISOString() }
  return json({ ...issued, ...(refresh ? { refresh_token: refresh } : {}) }, { 'Cache-Control': 'no-store' })
}

async function formOf({ method, url, headers, body }: RegistryRequest): Promise<URLSearchParams> {
  if (method === 'GET') return new URLSearchParams(url.split(/\?(.*)/s)[1] ?? '')
  if (method !== 'POST' || !/^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? ''))
    throw new OciError('UNSUPPORTED', undefined, { headers: { Allow: 'GET, POST' } })
  return new URLSearchParams((await readBody(body, 1 << 16)).toString())
}

async function identify(deps: TokenDeps, request: RegistryRequest, form: URLSearchParams): Promise<Identity> {
  const refresh = form.get('refresh_token')
  if (form.get('grant_type') === 'refresh_token' && refresh) return byRefreshToken(deps, refresh)
  const [user, password] = [form.get('username'), form.get('password')]
  const inForm = request.method === 'POST' && user && password !== null ? { user, password } : undefined
  const credentials = parseBasic(request.headers.authorization) ?? inForm
  if (!credentials) return nobody
  const identity = await deps.passwords.verify(credentials, request.from)
  if (!identity) throw unauthorized()
  return identity
}

function byRefreshToken({ tokens, passwords }: TokenDeps, text: string): Identity {
  const claims = tokens.read(text, refreshAudience)
  const stamp = claims && stampOf(passwords, claims.sub)
  if (!stamp || stamp !== claims.stamp) throw unauthorized()
  return { name: claims.sub }
}

/** Robots have expiring secrets of their own: nothing that outlives them is given to them. */
function refreshToken({ tokens, passwords }: TokenDeps, { name, grants }: Identity): string | undefined {
  const stamp = name === undefined || grants ? undefined : stampOf(passwords, name)
  if (name === undefined || stamp === undefined) return undefined
  const claims: Pick<Claims, 'sub' | 'stamp'> = { sub: name, stamp }
  return tokens.sign(claims, refreshSeconds, refreshAudience)
}

function stampOf(passwords: Passwords, user: string): string | undefined {
  const hash = passwords.stampOf(user)
  return hash && createHash('sha256').update(hash).digest('base64url').slice(0, 16)
}

const unauthorized = () => new OciError('UNAUTHORIZED')
