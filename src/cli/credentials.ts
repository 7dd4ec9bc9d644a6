import { spawnSync } from 'node:child_process'
import { Secret } from '../base/secret.ts'
import type { RegistryAuth } from '../spec/engine-api/engine.ts'
import type { Config } from './config.ts'

/** Docker Hub goes by an old address in `config.json`. */
const keyOf = (domain: string): string => (domain === 'docker.io' ? 'https://index.docker.io/v1/' : domain)

function fromHelper(helper: string, key: string): RegistryAuth | undefined {
  const result = spawnSync(`docker-credential-${helper}`, ['get'], { input: key, encoding: 'utf8' })
  if (result.status !== 0) return undefined
  const { Secret: secret, Username } = JSON.parse(result.stdout) as { Secret: string; Username: string }
  if (Username === '<token>') return { identityToken: new Secret(secret), serverAddress: key }
  return { username: Username, password: new Secret(secret), serverAddress: key }
}

/** What is known about this registry: helper, store or `auths`; undefined when logged out. */
export function readAuth(config: Config, domain: string): RegistryAuth | undefined {
  const key = keyOf(domain)
  const { auths = {}, credHelpers = {}, credsStore } = config.file
  const helper = credHelpers[key] ?? credsStore
  if (helper) return fromHelper(helper, key)
  const stored = auths[key] ?? auths[`https://${key}`]
  if (!stored) return undefined
  if (stored.identitytoken) return { identityToken: new Secret(stored.identitytoken), serverAddress: key }
  const [username = '', ...password] = Buffer.from(stored.auth ?? '', 'base64')
    .toString()
    .split(':')
  return { username, password: new Secret(password.join(':')), serverAddress: key }
}
