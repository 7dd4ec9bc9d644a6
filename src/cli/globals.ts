import type { GlobalOptions } from './config.ts'
import { ExitError } from './errors.ts'
import type { FlagTable } from './flags.ts'
import { type Parsed, parseFlags } from './parse.ts'

export const globalFlags = (home: string): FlagTable => ({
  config: { type: 'string', help: "Folder that holds the client's settings", default: `${home}/.docker` },
  context: {
    type: 'string',
    short: 'c',
    help: 'Context that names the engine; goes before DOCKER_HOST and the current context',
    complete: 'context',
  },
  debug: { type: 'bool', short: 'D', help: 'Say more about what is done' },
  host: { type: 'string', short: 'H', help: 'Socket of the engine' },
  'log-level': {
    type: 'string',
    short: 'l',
    help: 'Least level of messages: "debug", "info", "warn", "error" or "fatal"',
    default: 'info',
    complete: ['debug', 'info', 'warn', 'error', 'fatal'],
  },
  tls: { type: 'bool', help: 'Speak TLS; --tlsverify includes it' },
  tlscacert: {
    type: 'string',
    help: 'Only certificates signed by this CA are trusted',
    default: `${home}/.docker/ca.pem`,
  },
  tlscert: { type: 'string', help: 'TLS certificate of the client', default: `${home}/.docker/cert.pem` },
  tlskey: { type: 'string', help: 'TLS key of the client', default: `${home}/.docker/key.pem` },
  tlsverify: { type: 'bool', help: 'Speak TLS and check who answers' },
  version: { type: 'bool', short: 'v', help: 'Show the version and stop' },
})

function checkLogLevel(level: string): void {
  if (/^(panic|fatal|error|warn|warning|info|debug|trace|)$/i.test(level)) return
  throw new ExitError(1, `Unable to parse logging level: ${level}`)
}

/** Options before the command word, and the words after them. */
export function parseGlobals(words: readonly string[], home: string): { options: GlobalOptions; parsed: Parsed } {
  const parsed = parseFlags(globalFlags(home), words, { stopAtFirst: true })
  checkLogLevel(String(parsed.flags['log-level']))
  const given = (name: string) => (parsed.changed.has(name) ? (parsed.flags[name] as string) : undefined)
  const text = {
    config: given('config'),
    context: given('context'),
    host: given('host'),
    logLevel: given('log-level'),
    tlsCaCert: given('tlscacert'),
    tlsCert: given('tlscert'),
    tlsKey: given('tlskey'),
  }
  const present = Object.fromEntries(Object.entries(text).filter(([, value]) => value !== undefined))
  const verify = parsed.changed.has('tlsverify') ? { tlsVerify: parsed.flags.tlsverify === true } : {}
  return {
    parsed,
    options: { ...present, ...verify, debug: parsed.flags.debug === true, tls: parsed.flags.tls === true },
  }
}
