import { parseArgs } from 'node:util'
import { messageOf } from '../base/errors.ts'
import { createLog } from '../base/log.ts'
import { normalizeConfig, parseAddr, readConfig } from '../registry/config.ts'
import type { Action } from '../registry/identity.ts'
import { addRobot, removeRobot } from '../registry/robots.ts'
import { serveRegistry, stopServer } from '../registry/server.ts'

const usage = `Usage:  berth-registry [OPTIONS]
        berth-registry robot add FILE NAME REPOSITORIES ACTIONS DAYS
        berth-registry robot rm FILE NAME

An OCI distribution registry

Options:
      --addr string     Address to listen on (default "127.0.0.1:5000")
      --config string   File of settings (JSON)
      --root string     Directory of everything it keeps (default "/var/lib/berth-registry")
  -D, --debug           Log every request
      --help            Print usage
`
const text = { type: 'string' } as const
const flag = { type: 'boolean' } as const
const log = createLog()

/** Accounts for machines; the secret is shown once. A running registry sees the change at once. */
function robot([verb, file, name, repositories, actions, days]: readonly string[]): void {
  if (verb === 'rm' && file && name) removeRobot(file, name)
  else if (verb === 'add' && file && name && repositories && actions && Number(days) > 0) {
    const expires = new Date(Date.now() + Number(days) * 24 * 3600_000).toISOString()
    const grants = [{ repositories, actions: actions.split(',') as Action[] }]
    process.stdout.write(`${addRobot(file, { name, expires, grants })}\n`)
  } else throw new Error(usage)
}

async function main(): Promise<void> {
  if (process.argv[2] === 'robot') return void robot(process.argv.slice(3))
  const options = { addr: text, config: text, root: text, debug: { ...flag, short: 'D' }, help: flag }
  const { addr, config: file, root, debug, help } = parseArgs({ options, strict: true }).values
  if (help) return void process.stdout.write(usage)
  if (debug) log.level = 'debug'
  const flags = { ...(addr === undefined ? {} : { addr }), ...(root === undefined ? {} : { root }) }
  const config = normalizeConfig({ ...(file === undefined ? {} : readConfig(file)), ...flags })
  const server = await serveRegistry({ ...config, log })
  server.on('error', fail)
  server.listen(parseAddr(config.addr), () => log.info('registry listens', { address: server.address() }))
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => stop(() => stopServer(server)))
}

/** Requests under way are finished; a second signal does not wait. */
function stop(close: () => void): void {
  log.info('registry stops')
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => process.exit(1))
  close()
}

function fail(error: unknown): never {
  process.stderr.write(`berth-registry: ${messageOf(error)}\n`)
  process.exit(1)
}

main().catch(fail)
