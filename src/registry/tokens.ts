import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto'
import type { Action, Grant } from './identity.ts'

/** What a token says; signed, not secret. Spec: https://distribution.github.io/distribution/spec/auth/jwt/ */
export interface Claims {
  readonly iss: string
  /** name of the user; empty for nobody */
  readonly sub: string
  readonly aud: string
  /** seconds since 1970 */
  readonly exp: number
  readonly iat: number
  readonly jti: string
  readonly access?: readonly Access[]
  /** of a refresh token: changes with the password */
  readonly stamp?: string
}

interface Access {
  readonly type: 'repository'
  readonly name: string
  readonly actions: readonly Action[]
}

const header = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url')

/** Makes and reads tokens that only this registry, or one with the same key, accepts. */
export class Tokens {
  readonly #key: Buffer
  readonly #now: () => number
  readonly service: string

  constructor(key: Buffer, service = 'berth-registry', now: () => number = Date.now) {
    this.#key = key
    this.service = service
    this.#now = now
  }

  sign(claims: Pick<Claims, 'sub'> & Partial<Claims>, seconds: number, audience = this.service): string {
    const iat = Math.floor(this.#now() / 1000)
    const full: Claims = { iss: this.service, aud: audience, iat, exp: iat + seconds, jti: randomUUID(), ...claims }
    const text = `${header}.${Buffer.from(JSON.stringify(full)).toString('base64url')}`
    return `${text}.${this.#mac(text).toString('base64url')}`
  }

  /** The claims of a token of ours that is still good. */
  read(token: string, audience = this.service): Claims | undefined {
    const [head = '', body = '', mac = ''] = token.split('.')
    if (head !== header) return undefined
    const given = Buffer.from(mac, 'base64url')
    const own = this.#mac(`${head}.${body}`)
    if (given.length !== own.length || !timingSafeEqual(given, own)) return undefined
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Claims
    return claims.aud === audience && claims.exp > this.#now() / 1000 ? claims : undefined
  }

  #mac = (text: string): Buffer => createHmac('sha256', this.#key).update(text).digest()
}

export const toGrants = ({ access = [] }: Claims): readonly Grant[] =>
  access.map(({ name, actions }) => ({ repositories: name, actions }))

/** `repository:a/b:pull,push`, several of them in one text or in many. */
export function parseScopes(texts: readonly string[]): readonly Access[] {
  return texts
    .flatMap(text => text.split(' '))
    .slice(0, 50)
    .flatMap(text => {
      const [, name, list] = /^repository(?:\([^)]*\))?:([^\s:]+(?::\d+\/[^\s:]+)?):([\w,*]*)$/.exec(text) ?? []
      if (name === undefined || list === undefined) return []
      const asked = list.split(',').flatMap((action): readonly Action[] => {
        if (action === '*') return ['pull', 'push', 'delete']
        return action === 'pull' || action === 'push' || action === 'delete' ? [action] : []
      })
      return [{ type: 'repository' as const, name, actions: [...new Set(asked)] }]
    })
}
