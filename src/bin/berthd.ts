import { fileURLToPath } from 'node:url'
import { ConfigError } from '../daemon/config.ts'
import { runDaemon } from '../daemon/daemon.ts'

const supervisor = [process.execPath, '--no-warnings', fileURLToPath(new URL('berth-supervisor.ts', import.meta.url))]

try {
  await runDaemon({ argv: process.argv.slice(2), supervisor })
  process.exit(0)
} catch (error) {
  process.stderr.write(`berthd: ${error instanceof ConfigError ? error.message : (error as Error).stack}\n`)
  process.exit(1)
}
