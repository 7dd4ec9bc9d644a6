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

const text = (output: Buffer | undefined): string => output?.toString().trim() ?? ''

/** The key for this user and host. A reboot empties the keyring, and with it the key. */
function keyringKey(create: boolean): Buffer | undefined {
  // a session that was not made by PAM does not possess its user's keyring, and may read nothing there
  ask('keyctl', ['link', '@u', '@s'])
  const found = text(ask('keyctl', ['search', '@u', 'user', keyName]))
  if (found) {
    const kept = text(ask('keyctl', ['pipe', found]))
    return kept ? Buffer.from(kept, 'hex') : undefined
  }
  if (!create) return undefined
  const fresh = randomBytes(32)
  const id = text(ask('keyctl', ['padd', 'user', keyName, '@u'], fresh.toString('hex')))
  // for every session of this user, and nobody else
  return id && ask('keyctl', ['setperm', id, '0x3f3f0000']) ? fresh : undefined
}

const credsName = (server: string): string => `--name=berth.${Buffer.from(server).toString('hex').slice(0, 200)}`

function sealByHost(server: string, open: string): string | undefined {
  return ask('systemd-creds', ['encrypt', credsName(server), '-', '-'], open)
    ?.toString()
    .replaceAll('\n', '')
}

/** Turns credentials into text that only this host can read; undefined where neither way is open. */
export function seal(_config: Config, server: string, plain: StoredAuth): string | undefined {
  const open = JSON.stringify(plain)
  const byHost = sealByHost(server, open)
  if (byHost !== undefined) return `host:${byHost}`
  const key = keyringKey(true)
  if (!key) return undefined
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(server))
  const body = Buffer.concat([cipher.update(open), cipher.final()])
  return `keyring:${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64')}`
}

const lost = (server: string) =>
  new ExitError(
    1,
    `the key that seals the credentials for ${server} is gone (a reboot empties the kernel's keyring): log in again with 'berth login ${server}'`,
  )

function fromKeyring(server: string, sealed: string): string {
  const key = keyringKey(false)
  if (!key) throw lost(server)
  const bytes = Buffer.from(sealed, 'base64')
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
  const [kind, body = ''] = sealed.split(/:(.*)/s)
  if (kind === 'keyring') return JSON.parse(fromKeyring(server, body)) as StoredAuth
  const opened = ask('systemd-creds', ['decrypt', credsName(server), '-', '-'], body)
  if (!opened) throw lost(server)
  return JSON.parse(opened.toString()) as StoredAuth
}
