import { createHmac, randomBytes } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import bcrypt from 'bcryptjs'
import { KeyedMutex } from '../base/keyed-mutex.ts'
import { OciError } from './errors.ts'
import type { Identity } from './identity.ts'
import type { Robots } from './robots.ts'

export interface PasswordOptions {
  /** file of `user:bcrypt` lines; read again when it changes */
  readonly path?: string | undefined
  readonly robots?: Robots | undefined
  /** wait after the first wrong password; doubles with each further one */
  readonly delayMillis?: number | undefined
}

export interface Credentials {
  readonly user: string
  readonly password: string
}

const maxDelayMillis = 5_000
const maxQueued = 8
const rememberMillis = 5 * 60_000
/** Strangers are compared with this, so that they cost as much time as users. */
const stranger = bcrypt.hashSync(randomBytes(16).toString('hex'), 10)

/**
 * Names and passwords of users and robots. Guesses of one address are tried one after the other, each wrong one slower
 * than the one before.
 */
export class Passwords {
  readonly #options: PasswordOptions
  readonly #locks = new KeyedMutex()
  readonly #queued = new Map<string, number>()
  readonly #failures = new Map<string, number>()
  readonly #known = new Map<string, number>()
  readonly #key = randomBytes(32)
  #users: ReadonlyMap<string, string> = new Map()
  #stamp = ''

  /** @throws when the file cannot be read */
  constructor(options: PasswordOptions) {
    this.#options = options
    this.#load()
  }

  /** @throws OciError `TOOMANYREQUESTS` */
  async verify({ user, password }: Credentials, from: string): Promise<Identity | undefined> {
    this.#load()
    const robot = this.#options.robots?.verify(user, password)
    if (robot) return { name: robot.name, grants: robot.grants }
    const proof = createHmac('sha256', this.#key).update(`${this.#stamp}\0${user}\0${password}`).digest('base64')
    if ((this.#known.get(proof) ?? 0) > Date.now()) return { name: user }
    using _place = this.#queue(from)
    using _lock = await this.#locks.acquire(from)
    const hash = this.#users.get(user)
    const isRight = await bcrypt.compare(password, hash ?? stranger).catch(() => false)
    if (!isRight || hash === undefined) return await this.#punish(from) // the place in the queue is held meanwhile
    this.#failures.delete(from)
    remember(this.#known, proof, Date.now() + rememberMillis)
    return { name: user }
  }

  /** Changes when the password of `user` does; undefined when there is no such user. */
  stampOf(user: string): string | undefined {
    this.#load()
    return this.#users.get(user)
  }

  async #punish(from: string): Promise<undefined> {
    const count = (this.#failures.get(from) ?? 0) + 1
    remember(this.#failures, from, count)
    await sleep(Math.min(maxDelayMillis, (this.#options.delayMillis ?? 250) * 2 ** (count - 1)))
    return undefined
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
    if (this.#options.path === undefined) return
    const { mtimeMs, size, ino } = statSync(this.#options.path)
    const stamp = `${mtimeMs}-${size}-${ino}`
    if (stamp === this.#stamp) return
    this.#users = parseHtpasswd(readFileSync(this.#options.path, 'utf8'))
    this.#stamp = stamp
  }
}

/** Lines with other kinds of hashes are left out: they are no protection. */
export function parseHtpasswd(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\n').map(line => /^([^:#\s][^:]*):(\$2[aby]\$\d\d\$.{53})\s*$/.exec(line))
  return new Map(lines.flatMap(match => (match ? [[match[1]!, match[2]!] as const] : [])))
}

export function parseBasic(header: string | undefined): Credentials | undefined {
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
