import type { Config } from '../config.ts'
import { allAuths } from '../credentials.ts'

/** The X-Registry-Config header: what we know of every registry, `{}` when of none. */
export function registryConfig(config: Config): string {
  const entries = [...allAuths(config)].map(([server, auth]) => [
    server,
    {
      ...(auth.username ? { username: auth.username } : {}),
      ...(auth.password ? { password: auth.password.reveal() } : {}),
      serveraddress: server,
      ...(auth.identityToken ? { identitytoken: auth.identityToken.reveal() } : {}),
    },
  ])
  const text = JSON.stringify(Object.fromEntries(entries))
  return Buffer.from(text).toString('base64').replaceAll('+', '-').replaceAll('/', '_')
}
