import { spawnSync } from 'node:child_process'
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { Config, StoredAuth } from '../config.ts'
import { ExitError } from '../errors.ts'

const keyName = 'berth:credentials'

/** Runs a program; its output, or undefined when it is missing or refuses. */
function ask(program: string, args: readonly string[], input: string | Buffer = ''): Buffer | undefined {
  const done = spawnSync(program, args, { input, stdio: ['pipe', 'pipe', 'ignore'], timeout: 10_000 })
  return done.status === 0 ? done.stdout : undefined
}

// The user's persistent keyring outlives sessions for three days; a reboot empties it.
function keyringKey(create: boolean): Buffer | undefined {
  const found = ask('keyctl', ['search', '@u', 'user', keyName])?.toString().trim()
  const text = found && ask('keyctl', ['pipe', found])?.toString()
  if (text) return Buffer.from(text, 'hex')
  if (!create) return undefined
  const fresh = randomBytes(32)
  return ask('keyctl', ['padd', 'user', keyName, '@u'], fresh.toString('hex')) && fresh
}

const credsName = (server: string): string => `--name=berth.${Buffer.from(server).toString('hex').slice(0, 200)}`

function sealByHost(server: string, text: string): string | undefined {
  return ask('systemd-creds', ['encrypt', credsName(server), '-', '-'], text)
    ?.toString()
    .replaceAll('\n', '')
}

/** Turns credentials into text that only this host can read; undefined where neither way is open. */
export function seal(_config: Config, server: string, plain: StoredAuth): string | undefined {
  const text = JSON.stringify(plain)
  const byHost = sealByHost(server, text)
  if (byHost !== undefined) return `host:${byHost}`
  const key = keyringKey(true)
  if (!key) return undefined
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(server))
  const body = Buffer.concat([cipher.update(text), cipher.final()])
  return `keyring:${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64')}`
}

const lost = (server: string) =>
  new ExitError(
    1,
    `the key that seals the credentials for ${server} is gone (a reboot empties the kernel's keyring): log in again with 'berth login ${server}'`,
  )

function fromKeyring(server: string, text: string): string {
  const key = keyringKey(false)
  if (!key) throw lost(server)
  const bytes = Buffer.from(text, 'base64')
  try {
    const cipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12)).setAAD(Buffer.from(server))
    cipher.setAuthTag(bytes.subarray(12, 28))
    return Buffer.concat([cipher.update(bytes.subarray(28)), cipher.final()]).toString()
  } catch {
    throw lost(server)
  }
}

/** The reverse of `seal`. */
export function openSealed(_config: Config, server: string, sealed: string): StoredAuth {
  const [kind, text = ''] = sealed.split(/:(.*)/s)
  if (kind === 'keyring') return JSON.parse(fromKeyring(server, text)) as StoredAuth
  const opened = ask('systemd-creds', ['decrypt', credsName(server), '-', '-'], text)
  if (!opened) throw lost(server)
  return JSON.parse(opened.toString()) as StoredAuth
}
