import { once } from 'node:events'
import { join } from 'node:path'
import { messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { parseAddr, serveRegistry, stopServer } from '../registry/index.ts'
import { ConfigError, type Values } from './config.ts'

/**
 * The registry of the `registry` section in daemon.json: the settings of berth-registry; its default root is below
 * the engine's.
 *
 * @throws ConfigError for settings that make no sense, and for an address that is taken
 */
export async function openRegistryServer(settings: Values, root: string, log: Log): Promise<AsyncDisposable> {
  try {
    const given = { root: join(root, 'registry'), ...settings }
    const server = await serveRegistry({ ...given, log })
    const closed = once(server, 'closed')
    server.listen(parseAddr(String(settings.addr ?? '127.0.0.1:5000')))
    await once(server, 'listening')
    log.info('registry listens', { address: server.address() })
    return {
      async [Symbol.asyncDispose]() {
        stopServer(server)
        await closed
      },
    }
  } catch (error) {
    throw new ConfigError(`registry in daemon.json: ${messageOf(error)}`)
  }
}
