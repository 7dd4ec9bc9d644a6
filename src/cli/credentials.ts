import { Secret } from '../base/secret.ts'
import type { RegistryAuth } from '../spec/engine-api/engine.ts'
import type { Config, StoredAuth } from './config.ts'
import { helperErase, helperGet, helperList, helperStore } from './credentials/helper.ts'
import { openSealed, seal } from './credentials/sealed.ts'
import { ExitError } from './errors.ts'

export const hubServer = 'https://index.docker.io/v1/'

/** Docker Hub goes by an old address in `config.json`. */
export const serverKey = (domain: string): string => (domain === 'docker.io' ? hubServer : domain)

/** `https://host/path` as the host alone. */
export const hostOf = (server: string): string => server.replace(/^https?:\/\//, '').split('/', 1)[0]!

const helperFor = ({ file }: Config, key: string): string | undefined =>
  file.credHelpers?.[key] ?? (file.credsStore || undefined)

const fromPair = (serverAddress: string, Username: string, secret: string): RegistryAuth =>
  Username === '<token>'
    ? { identityToken: new Secret(secret), serverAddress }
    : { username: Username, password: new Secret(secret), serverAddress }

function decode(text: string): readonly [username: string, password: string] {
  const plain = Buffer.from(text, 'base64').toString()
  const colon = plain.indexOf(':')
  if (colon < 0) throw new ExitError(1, 'Invalid auth configuration file')
  return [plain.slice(0, colon), plain.slice(colon + 1).replace(/\0+$/, '')]
}

function fromStored(config: Config, key: string, stored: StoredAuth): RegistryAuth {
  const opened = stored.sealed === undefined ? stored : openSealed(config, key, stored.sealed)
  if (opened.registrytoken) return { registryToken: new Secret(opened.registrytoken), serverAddress: key }
  const token = opened.identitytoken ? { identityToken: new Secret(opened.identitytoken) } : {}
  if (!opened.auth) return { ...token, serverAddress: key }
  const [username, password] = decode(opened.auth)
  return { username, password: new Secret(password), ...token, serverAddress: key }
}

/** The entries of `auths`, those of DOCKER_AUTH_CONFIG instead when it is set. */
function storedAuths(config: Config): Readonly<Record<string, StoredAuth>> {
  const text = config.env('DOCKER_AUTH_CONFIG')
  if (!text) return config.file.auths ?? {}
  const parsed = JSON.parse(text) as { readonly auths?: Readonly<Record<string, StoredAuth>> }
  return { ...config.file.auths, ...parsed.auths }
}

/** What is known about this registry: helper, store or `auths`; undefined when logged out. */
export function readAuth(config: Config, domain: string): RegistryAuth | undefined {
  const key = serverKey(domain)
  const helper = config.env('DOCKER_AUTH_CONFIG') ? undefined : helperFor(config, key)
  if (helper) {
    const found = helperGet(helper, key)
    return found && fromPair(key, found.Username, found.Secret)
  }
  const auths = storedAuths(config)
  const name = key in auths ? key : Object.keys(auths).find(server => hostOf(server) === hostOf(key))
  return name === undefined ? undefined : fromStored(config, key, auths[name]!)
}

/** Every registry that we are logged in to, for a build. */
export function allAuths(config: Config): ReadonlyMap<string, RegistryAuth> {
  const { credHelpers = {}, credsStore } = config.file
  const servers = new Set([
    ...Object.keys(storedAuths(config)),
    ...Object.keys(credHelpers),
    ...(credsStore ? helperList(credsStore) : []),
  ])
  const found = new Map<string, RegistryAuth>()
  for (const server of servers) {
    const auth = readAuth(config, server)
    if (auth) found.set(server, auth)
  }
  return found
}

/** `auths` in the open, for handing on. */
export function plainAuths(config: Config): Record<string, StoredAuth> {
  const entries = [...allAuths(config)].map(([server, auth]) => {
    const { identityToken, password, username = '' } = auth
    const pair = `${username}:${password?.reveal() ?? ''}`
    return [
      server,
      {
        auth: Buffer.from(pair).toString('base64'),
        ...(identityToken ? { identitytoken: identityToken.reveal() } : {}),
      },
    ] as const
  })
  return Object.fromEntries(entries)
}

/** How a secret came to rest. */
export type Stored = 'helper' | 'sealed' | 'plain'

/** Keeps credentials where the configuration says: helper, sealed with a key of this host, or in the open. */
export function storeAuth(config: Config, key: string, auth: RegistryAuth): Stored {
  const { identityToken, password, username = '' } = auth
  const secret = identityToken?.reveal() ?? password?.reveal() ?? ''
  const helper = helperFor(config, key)
  if (helper) {
    helperStore(helper, { ServerURL: key, Username: identityToken ? '<token>' : username, Secret: secret })
    save(config, { ...config.file.auths, [key]: {} })
    return 'helper'
  }
  const plain: StoredAuth = {
    auth: Buffer.from(`${username}:${password?.reveal() ?? ''}`).toString('base64'),
    ...(identityToken ? { identitytoken: identityToken.reveal() } : {}),
  }
  const sealed = config.file.sealCredentials === true ? seal(config, key, plain) : undefined
  save(config, { ...config.file.auths, [key]: sealed === undefined ? plain : { sealed } })
  return sealed === undefined ? 'plain' : 'sealed'
}

const save = (config: Config, auths: Readonly<Record<string, StoredAuth>>): void =>
  config.save({ ...config.file, auths })

/** Forgets a registry; whether there was anything to forget. */
export function eraseAuth(config: Config, key: string): void {
  const helper = helperFor(config, key)
  if (helper) helperErase(helper, key)
  const { [key]: gone, ...auths } = config.file.auths ?? {}
  if (gone !== undefined) save(config, auths)
}

/** The X-Registry-Auth header for a registry, `{}` when logged out. */
export function authHeader(config: Config, domain: string): string {
  const auth = readAuth(config, domain)
  const plain = {
    ...(auth?.username ? { username: auth.username } : {}),
    ...(auth?.password ? { password: auth.password.reveal() } : {}),
    ...(auth?.serverAddress ? { serveraddress: auth.serverAddress } : {}),
    ...(auth?.identityToken ? { identitytoken: auth.identityToken.reveal() } : {}),
  }
  return Buffer.from(JSON.stringify(plain)).toString('base64').replaceAll('+', '-').replaceAll('/', '_')
}
