import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import type { Config, ContextMeta } from '../config.ts'
import { normalizeHost } from '../config.ts'
import { ExitError } from '../errors.ts'
import { cut } from '../options/csv.ts'
import { openFailure } from '../terminal/file.ts'
import type { ContextStore, TlsFiles } from './store.ts'

type Endpoint = NonNullable<ContextMeta['Endpoints']['docker']>

export interface NewEndpoint {
  readonly docker: Endpoint
  readonly tls: TlsFiles
}

const keys = ['from', 'host', 'ca', 'cert', 'key', 'skip-tls-verify']

function fileFor(path: string): Uint8Array {
  const full = path.startsWith('~/') ? path.replace('~', homedir()) : path
  try {
    return readFileSync(full)
  } catch (error) {
    throw new ExitError(1, `unable to create docker endpoint config: open ${full}: ${openFailure(error)}`)
  }
}

/** `host=tcp://x,ca=file,…` or `from=other` as an endpoint with its certificates. */
export function parseEndpoint(words: readonly string[], config: Config, store: ContextStore): NewEndpoint {
  const given = Object.fromEntries(words.map(word => [cut(word)[0], cut(word)[1] ?? '']))
  for (const key of Object.keys(given))
    if (!keys.includes(key)) throw new ExitError(1, `unrecognized config key: ${key}`)
  if (given.from !== undefined) return fromContext(given.from, config, store)
  const skips = given['skip-tls-verify'] === 'true' || given['skip-tls-verify'] === '1'
  const tls = Object.fromEntries(
    (['ca', 'cert', 'key'] as const).flatMap(name =>
      given[name] ? [[`${name}.pem`, fileFor(given[name])] as const] : [],
    ),
  )
  let Host: string
  try {
    Host = given.host ? normalizeHost(given.host, Object.keys(tls).length > 0) : ''
  } catch (error) {
    throw new ExitError(1, `unable to create docker endpoint config: ${(error as Error).message}`)
  }
  return { docker: { ...(Host ? { Host } : {}), SkipTLSVerify: skips }, tls }
}

function fromContext(name: string, config: Config, store: ContextStore): NewEndpoint {
  if (name === 'default') return { docker: { Host: config.defaultEndpointHost, SkipTLSVerify: false }, tls: {} }
  return { docker: store.read(name).Endpoints.docker ?? { SkipTLSVerify: false }, tls: store.tlsFiles(name) }
}
