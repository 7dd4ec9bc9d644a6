import { createHmac, randomBytes } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import bcrypt from 'bcryptjs'
import { KeyedMutex } from '../base/keyed-mutex.ts'
import { OciError } from './errors.ts'
import type { RegistryRequest } from './request.ts'

/** Who may do what. */
export interface Access {
  /** @throws OciError `UNAUTHORIZED` or `TOOMANYREQUESTS` */
  check(request: RegistryRequest): Promise<void>
}

/** Everybody may do everything. */
export const openAccess: Access = { check: async () => {} }

export interface HtpasswdOptions {
  /** file of `user:bcrypt` lines; read again when it changes */
  readonly path: string
  /** whether those without a name may pull */
  readonly anonymousRead?: boolean
  readonly realm?: string
  /** wait after the first wrong password; doubles with each further one */
  readonly delayMillis?: number
}

const maxDelayMillis = 5_000
const maxQueued = 8
const rememberMillis = 5 * 60_000
/** Strangers are compared with this, so that they cost as much time as users. */
const nobody = bcrypt.hashSync(randomBytes(16).toString('hex'), 10)

/**
 * Names and passwords from an htpasswd file. Guesses of one address are tried one after the other, each wrong one
 * slower than the one before.
 *
 * @throws when the file cannot be read
 */
export class HtpasswdAccess implements Access {
  readonly #options: HtpasswdOptions
  readonly #locks = new KeyedMutex()
  readonly #queued = new Map<string, number>()
  readonly #failures = new Map<string, number>()
  readonly #known = new Map<string, number>()
  readonly #key = randomBytes(32)
  #users: ReadonlyMap<string, string> = new Map()
  #stamp = ''

  constructor(options: HtpasswdOptions) {
    this.#options = options
    this.#load()
  }

  async check(request: RegistryRequest): Promise<void> {
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    const credentials = parseBasic(request.headers.authorization)
    // the base path asks who you are: a client that means to log in must be refused there; metrics are no images
    const mayStay =
      !credentials && isRead && this.#options.anonymousRead && !/^\/(v2\/?|metrics)(\?|$)/.test(request.url)
    if (mayStay || (credentials && (await this.#verify(credentials, request.from)))) return
    const challenge = `Basic realm="${this.#options.realm ?? 'berth-registry'}"`
    throw new OciError('UNAUTHORIZED', undefined, { headers: { 'Www-Authenticate': challenge } })
  }

  async #verify({ user, password }: Credentials, from: string): Promise<boolean> {
    this.#load()
    const proof = createHmac('sha256', this.#key).update(`${this.#stamp}\0${user}\0${password}`).digest('base64')
    if ((this.#known.get(proof) ?? 0) > Date.now()) return true
    using _place = this.#queue(from)
    using _lock = await this.#locks.acquire(from)
    const hash = this.#users.get(user)
    const isRight = await bcrypt.compare(password, hash ?? nobody).catch(() => false)
    if (!isRight || hash === undefined) return await this.#punish(from) // the place in the queue is held meanwhile
    this.#failures.delete(from)
    remember(this.#known, proof, Date.now() + rememberMillis)
    return true
  }

  async #punish(from: string): Promise<false> {
    const count = (this.#failures.get(from) ?? 0) + 1
    remember(this.#failures, from, count)
    await sleep(Math.min(maxDelayMillis, (this.#options.delayMillis ?? 250) * 2 ** (count - 1)))
    return false
  }

  #queue(from: string): Disposable {
    const count = this.#queued.get(from) ?? 0
    if (count >= maxQueued) throw new OciError('TOOMANYREQUESTS', 'too many passwords at once')
    this.#queued.set(from, count + 1)
    return {
      [Symbol.dispose]: () => {
        const left = (this.#queued.get(from) ?? 1) - 1
        if (left > 0) this.#queued.set(from, left)
        else this.#queued.delete(from)
      },
    }
  }

  #load(): void {
    const { mtimeMs, size, ino } = statSync(this.#options.path)
    const stamp = `${mtimeMs}-${size}-${ino}`
    if (stamp === this.#stamp) return
    this.#users = parseHtpasswd(readFileSync(this.#options.path, 'utf8'))
    this.#stamp = stamp
  }
}

interface Credentials {
  readonly user: string
  readonly password: string
}

/** Lines with other kinds of hashes are left out: they are no protection. */
export function parseHtpasswd(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\n').map(line => /^([^:#\s][^:]*):(\$2[aby]\$\d\d\$.{53})\s*$/.exec(line))
  return new Map(lines.flatMap(match => (match ? [[match[1]!, match[2]!] as const] : [])))
}

function parseBasic(header: string | undefined): Credentials | undefined {
  const match = /^basic\s+([\w+/=-]+)$/i.exec(header ?? '')
  if (!match) return undefined
  const [, user, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(match[1]!, 'base64').toString()) ?? []
  return user && password !== undefined ? { user, password } : undefined
}

/** Keeps the last ten thousand. */
function remember(map: Map<string, number>, key: string, value: number): void {
  map.delete(key)
  map.set(key, value)
  if (map.size > 10_000) map.delete(map.keys().next().value!)
}
