import { readFileSync } from 'node:fs'
import { Secret } from '../../../base/secret.ts'
import type { RegistryAuth } from '../../../spec/engine-api/engine.ts'
import { type Context, command } from '../../command.ts'
import { hubServer, readAuth, storeAuth } from '../../credentials.ts'
import { ExitError } from '../../errors.ts'
import { readLine } from '../../terminal/confirm.ts'
import { readSecret } from '../../terminal/secret.ts'

const flags = {
  password: { type: 'string', short: 'p', help: 'Password or access token' },
  'password-stdin': { type: 'bool', help: 'Read the password from standard input' },
  username: { type: 'string', short: 'u', help: 'User' },
} as const

type LoginContext = Context<typeof flags>

function givenPassword({ changed, err, flags }: LoginContext): string {
  if (changed.has('password')) {
    err.line('WARNING! Using --password via the CLI is insecure. Use --password-stdin.')
    if (flags['password-stdin']) throw new ExitError(1, '--password and --password-stdin are mutually exclusive')
    return flags.password
  }
  if (!flags['password-stdin']) return ''
  if (!flags.username) throw new ExitError(1, 'Must provide --username with --password-stdin')
  return readFileSync(0, 'utf8').replace(/\n$/, '').replace(/\r$/, '')
}

function askFor({ flags, out }: LoginContext, known: string): { username: string; password: string } {
  if (!process.stdin.isTTY) throw new ExitError(1, 'Error: Cannot perform an interactive login from a non TTY device')
  let username = flags.username
  if (!username) {
    out.write(known ? `Username (${known}): ` : 'Username: ')
    username = readLine()?.trim() || known
    if (!username) throw new ExitError(1, 'Error: Non-null Username Required')
  }
  const password = readSecret(out, 'Password: ')
  if (!password) throw new ExitError(1, 'Error: Password Required')
  return { username, password }
}

const warning = (path: string): string =>
  `\nWARNING! Your credentials are stored unencrypted in '${path}'.\nConfigure a credential helper to remove this warning. See\nhttps://docs.docker.com/go/credential-store/\n`

async function finish({ config, engine, err, out }: LoginContext, key: string, auth: RegistryAuth): Promise<void> {
  const { IdentityToken, Status } = await engine.system.auth(auth)
  const { password: _password, ...rest } = auth
  const kept = IdentityToken ? { ...rest, identityToken: new Secret(IdentityToken) } : auth
  if (storeAuth(config, key, kept) === 'plain') {
    if (config.file.sealCredentials === true)
      err.line('WARNING: neither systemd-creds nor the kernel keyring could seal the credentials on this host')
    err.line(warning(`${config.dir}/config.json`))
  }
  if (Status) out.line(Status)
}

export const login = command({
  usage: '[OPTIONS] [SERVER]',
  summary: 'Log in to a registry, to Docker Hub unless another is named',
  maxArgs: 1,
  flags,
  async run(context) {
    const { args, config, flags, out } = context
    const password = givenPassword(context)
    const key =
      args[0] && args[0] !== 'docker.io' && args[0] !== 'index.docker.io'
        ? args[0].replace(/^https?:\/\//, '').replace(/\/$/, '')
        : hubServer
    const known = readAuth(config, key === hubServer ? 'docker.io' : key)
    if (!flags.username && !password && known) {
      const name = known.username ? ` [Username: ${known.username}]` : ''
      out.line(`Authenticating with existing credentials...${name}`)
      try {
        const info = "\ni Info → To login with a different account, run 'docker logout' followed by 'docker login'\n"
        if (process.stdin.isTTY) out.line(info)
        return await finish(context, key, known)
      } catch (error) {
        if (!process.stdin.isTTY) throw error
      }
    }
    const pair =
      flags.username && password ? { username: flags.username, password } : askFor(context, known?.username ?? '')
    await finish(context, key, {
      username: pair.username,
      password: new Secret(pair.password),
      serverAddress: key,
    })
  },
})
