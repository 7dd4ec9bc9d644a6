import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { join, resolve } from 'node:path'
import { openBuildKit } from '../api/buildkit/upgrade.ts'
import { engineRoutes } from '../api/routes/index.ts'
import { createApi } from '../api/server.ts'
import { apiVersion, dockerVersion, minApiVersion } from '../api/versions.ts'
import { messageOf } from '../base/errors.ts'
import { createLog, type LogLevel } from '../base/log.ts'
import { checkValues } from './check-values.ts'
import {
  boolValue,
  ConfigError,
  helpText,
  ineffectiveKeys,
  listValue,
  loadConfig,
  stringValue,
  type Values,
} from './config.ts'
import { type Address, isServed, listen, parseAddress, releaseAddress } from './listeners.ts'
import { openRegistryServer } from './registry.ts'
import { checkAccess, findRemap } from './userns-remap.ts'
import { openLocalEngine } from './wire.ts'

const dockerSocket = '/var/run/docker.sock'
const levels = ['debug', 'info', 'warn', 'error', 'fatal']

function levelOf(values: Values): LogLevel {
  const level = stringValue(values, 'log-level', 'info').replace(/^warning$/, 'warn')
  if (!levels.includes(level)) throw new ConfigError(`invalid logging level: ${level}`)
  return boolValue(values, 'debug', false) ? 'debug' : (level as LogLevel)
}

/** Without a host: our own socket, and Docker's where nothing lives. */
async function addressesOf(values: Values): Promise<readonly Address[]> {
  const hosts = listValue(values, 'hosts')
  if (hosts.length) return hosts.map(parseAddress)
  const own = parseAddress('unix:///run/berth/berth.sock')
  return (await isServed(dockerSocket)) || existsSync(dockerSocket)
    ? [own]
    : [own, parseAddress(`unix://${dockerSocket}`)]
}

function withTls(server: Server, values: Values): Server {
  const read = (key: string, fallback: string) => readFileSync(stringValue(values, key, `/etc/docker/${fallback}`))
  const verify = boolValue(values, 'tlsverify', false)
  const tls = createTlsServer({
    key: read('tlskey', 'key.pem'),
    cert: read('tlscert', 'cert.pem'),
    ...(verify && { ca: read('tlscacert', 'ca.pem'), requestCert: true, rejectUnauthorized: true }),
    maxHeaderSize: 1 << 20,
    requestTimeout: 0,
  })
  for (const event of ['request', 'upgrade', 'checkContinue']) {
    for (const listener of server.listeners(event)) tls.on(event, listener as () => void)
  }
  return tls as unknown as Server
}

/** Takes the pid file, unless a living engine has it. */
function takePidFile(path: string): void {
  const old = existsSync(path) ? readFileSync(path, 'utf8').trim() : ''
  if (old !== '' && Number(old) !== process.pid && isEngine(old)) {
    throw new ConfigError(`process with PID ${old} is still running: ${path} is in use`)
  }
  writeFileSync(path, `${process.pid}`)
}

function isEngine(pid: string): boolean {
  try {
    const state = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0]
    return state !== 'Z' && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('berthd')
  } catch {
    return false
  }
}

export interface DaemonOptions {
  readonly argv: readonly string[]
  /** program and arguments of a supervisor, without its options */
  readonly supervisor: readonly string[]
}

/**
 * Runs the engine until it is told to stop.
 *
 * @throws ConfigError when it is started wrongly
 */
export async function runDaemon({ argv, supervisor }: DaemonOptions): Promise<void> {
  const config = loadConfig(argv)
  let { values } = config
  if (config.shows === 'help') return void process.stdout.write(helpText())
  if (config.shows) return void process.stdout.write(`Berth, as Docker version ${dockerVersion}\n`)
  const level = levelOf(values)
  checkValues(values)
  if (config.validate) return void process.stdout.write('configuration OK\n')
  const log = createLog(level, undefined, stringValue(values, 'log-format', 'text') === 'json')
  for (const key of ineffectiveKeys(values)) log.warn('setting has no effect here', { key })
  const addresses = await addressesOf(values)
  const remap = findRemap(stringValue(values, 'userns-remap', ''))
  const dataRoot = resolve(stringValue(values, 'data-root', '/var/lib/berth'))
  const root = remap ? join(dataRoot, `${remap.uids[0]!.outside}.${remap.gids[0]!.outside}`) : dataRoot
  const execRoot = resolve(stringValue(values, 'exec-root', '/run/berth'))
  if (remap) for (const path of [dataRoot, execRoot]) checkAccess(path, remap)
  const pidFile = stringValue(values, 'pidfile', '')
  if (pidFile) takePidFile(pidFile)
  const wired = await openLocalEngine({
    root,
    execRoot,
    remap,
    values: () => values,
    log,
    supervisorCommand: [...supervisor, '--exec-root', execRoot, '--socket', `${execRoot}/supervisor.sock`],
    versions: { engine: dockerVersion, api: apiVersion, minApi: minApiVersion },
  })
  const servers: Server[] = []
  const isExperimental = boolValue(values, 'experimental', false)
  const { upgrade, buildOverHttp } = openBuildKit(wired.solver, log)
  for (const address of addresses) {
    const api = createApi({
      isUnread: wired.isUnread,
      routes: engineRoutes(wired.engine, { isExperimental, buildOverHttp }),
      log,
      upgrade,
      isExperimental,
    })
    const needsTls =
      address.kind === 'tcp' && (boolValue(values, 'tls', false) || boolValue(values, 'tlsverify', false))
    const server = needsTls ? withTls(api, values) : api
    if (address.kind === 'tcp' && !needsTls)
      log.warn('API is reachable by TCP without TLS: whoever reaches it is root here', {
        host: address.host,
        port: address.port,
      })
    await listen(server, address, stringValue(values, 'group', 'docker'))
    servers.push(server)
    log.info('API listens', { ...address })
  }
  const registry = values.registry ? await openRegistryServer(values.registry as Values, root, log) : undefined
  await wired.startByPolicy()
  log.info('engine is ready', { root, pid: process.pid })

  process.on('SIGHUP', () => {
    try {
      values = loadConfig(argv).values
      log.level = levelOf(values)
      log.info('configuration reloaded')
      wired.events.emit({ Type: 'daemon', Action: 'reload', Actor: { ID: root, Attributes: { name: 'berthd' } } })
    } catch (error) {
      log.error('configuration not reloaded', { error: messageOf(error) })
    }
  })
  process.on('uncaughtException', error =>
    log.error('unexpected error', { error: messageOf(error), stack: error.stack }),
  )
  process.on('unhandledRejection', error =>
    log.error('unexpected rejection', { error: messageOf(error), stack: (error as Error)?.stack }),
  )
  await stopRequested()
  log.info('engine stops')
  for (const server of servers) server.close()
  await registry?.[Symbol.asyncDispose]()
  await wired.close({ stopContainers: !boolValue(values, 'live-restore', false) })
  for (const address of addresses) releaseAddress(address)
  if (pidFile) rmSync(pidFile, { force: true })
}

/** SIGTERM or SIGINT; the third one does not wait any longer. */
function stopRequested(): Promise<void> {
  return new Promise(resolveStop => {
    let count = 0
    const onSignal = () => {
      if (++count === 3) process.exit(1)
      resolveStop()
    }
    process.on('SIGTERM', onSignal)
    process.on('SIGINT', onSignal)
  })
}
