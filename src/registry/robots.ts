import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { writeFileAtomic } from '../base/atomic-file.ts'
import { EngineError, messageOf } from '../base/errors.ts'
import type { Grant } from './identity.ts'
import { checkGrant } from './rules.ts'

/** An account for a machine: a secret of its own, some repositories, and an end. */
export interface Robot {
  readonly name: string
  /** SHA-256 of the secret in hex: the secret is random, so that a slow hash would add nothing */
  readonly secretHash: string
  /** RFC 3339 */
  readonly expires: string
  readonly grants: readonly Grant[]
}

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** The robots of a file, read again when it changes. */
export class Robots {
  readonly #path: string
  #stamp = ''
  #robots: ReadonlyMap<string, Robot> = new Map()

  constructor(path: string) {
    this.#path = path
    this.#load()
  }

  /** Whether there was ever a robot of this name, expired or not. */
  has(name: string): boolean {
    this.#load()
    return this.#robots.has(name)
  }

  /** The robot, if the secret is right and its time has not come. */
  verify(name: string, secret: string, now = Date.now()): Robot | undefined {
    this.#load()
    const robot = this.#robots.get(name)
    if (!robot) return undefined
    const isRight = timingSafeEqual(Buffer.from(hashOf(secret), 'hex'), Buffer.from(robot.secretHash, 'hex'))
    return isRight && Date.parse(robot.expires) > now ? robot : undefined
  }

  #load(): void {
    const { mtimeMs, size, ino } = statSync(this.#path, { throwIfNoEntry: false }) ?? { mtimeMs: 0, size: 0, ino: 0 }
    const stamp = `${mtimeMs}-${size}-${ino}`
    if (stamp === this.#stamp) return
    this.#robots = new Map(readRobots(this.#path).map(robot => [robot.name, robot]))
    this.#stamp = stamp
  }
}

/** @throws EngineError `invalid` */
export function readRobots(path: string): readonly Robot[] {
  if (!existsSync(path)) return []
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as readonly Partial<Robot>[]).map(checkRobot)
  } catch (error) {
    throw new EngineError('invalid', `cannot read ${path}: ${messageOf(error)}`, { cause: error })
  }
}

function checkRobot(value: Partial<Robot>): Robot {
  const { name = '', secretHash = '', expires = '', grants = [] } = value
  if (!/^[\w.$+-]{1,100}$/.test(name))
    throw new EngineError('invalid', `invalid name of a robot: ${name.slice(0, 100)}`)
  if (!/^[0-9a-f]{64}$/.test(secretHash)) throw new EngineError('invalid', `robot ${name} has no hash`)
  if (Number.isNaN(Date.parse(expires))) throw new EngineError('invalid', `robot ${name} has no expiry`)
  return { name, secretHash, expires, grants: grants.map(grant => checkGrant(grant, `robot ${name}`)) }
}

/** Adds or replaces a robot and returns its secret, which is kept nowhere. */
export function addRobot(path: string, robot: Omit<Robot, 'secretHash'>): string {
  const secret = randomBytes(32).toString('base64url')
  const added = checkRobot({ ...robot, secretHash: hashOf(secret) })
  const others = readRobots(path).filter(({ name }) => name !== robot.name)
  writeFileAtomic(path, `${JSON.stringify([...others, added], null, 2)}\n`)
  return secret
}

/** Takes a robot away; its tokens end within minutes. @throws EngineError `not-found` */
export function removeRobot(path: string, name: string): void {
  const all = readRobots(path)
  if (!all.some(robot => robot.name === name)) throw new EngineError('not-found', `no robot ${name}`)
  writeFileAtomic(
    path,
    `${JSON.stringify(
      all.filter(robot => robot.name !== name),
      null,
      2,
    )}\n`,
  )
}
