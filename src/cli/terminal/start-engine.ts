import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, openSync, realpathSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isEngineError, messageOf } from '../../base/errors.ts'
import type { Config } from '../config.ts'
import type { Output } from '../output.ts'
import { confirm } from './confirm.ts'

const logPath = '/var/log/berth/berthd.log'
const patienceMillis = 15_000

/** The engine's program, installed or beside this one. */
function engineProgram(): string | undefined {
  const here = dirname(realpathSync(process.execPath))
  const near = [join(here, '../bin/berthd'), join(here, 'berthd'), join(import.meta.dirname, '../../../bin/berthd')]
  return [...near, '/usr/bin/berthd', '/usr/local/bin/berthd'].find(existsSync)
}

const answers = (path: string): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect(path, () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })

async function start(program: string, socket: string): Promise<boolean> {
  const isUnit =
    existsSync('/run/systemd/system') && spawnSync('systemctl', ['start', 'berth.socket', 'berth.service']).status === 0
  if (!isUnit) {
    mkdirSync(dirname(logPath), { recursive: true })
    const log = openSync(logPath, 'a', 0o600)
    spawn(program, ['-H', `unix://${socket}`], { detached: true, stdio: ['ignore', log, log] }).unref()
  }
  for (const from = Date.now(); Date.now() - from < patienceMillis; await delay(100))
    if (await answers(socket)) return true
  return false
}

/** Whether to start an engine: settled by BERTH_START_ENGINE or `startEngine` in config.json, else asked on a terminal. */
function isWanted(config: Config, err: Output): boolean {
  const setting = config.env('BERTH_START_ENGINE') ?? config.file.startEngine
  if (setting !== undefined) return setting === true || setting === '1' || setting === 'true'
  return err.isTerminal && process.stdin.isTTY === true && confirm(err, 'Start one now?')
}

/** After "cannot connect": starts an engine on this host when that is wanted and may be done; says how otherwise. */
export async function offerEngine(error: unknown, config: Config, err: Output): Promise<boolean> {
  const host = config.contextName === 'default' ? config.defaultEndpointHost : ''
  const isDown =
    isEngineError(error, 'unavailable') && messageOf(error).startsWith('Cannot connect to the Docker daemon')
  if (!isDown || !host.startsWith('unix://')) return false
  const program = engineProgram()
  const isRoot = process.getuid?.() === 0
  if (err.isTerminal) err.line('No engine answers there.')
  if (!program || !isRoot) {
    const how = program
      ? `sudo ${program} -H ${host}`
      : 'install the package berth, or name another engine with DOCKER_HOST'
    if (err.isTerminal) err.line(program ? `Start one with: ${how}` : `To have one, ${how}.`)
    return false
  }
  if (!isWanted(config, err)) return false
  if (await start(program, host.slice('unix://'.length))) return true
  err.line(`The engine did not start: see ${logPath}`)
  return false
}
