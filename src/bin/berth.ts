import { runCli } from '../cli/main.ts'
import { RemoteEngine } from '../client/index.ts'

const connect = (endpoint: ConstructorParameters<typeof RemoteEngine>[0]) => new RemoteEngine(endpoint)
process.exit(await runCli({ argv: process.argv.slice(2), env: process.env, connect }))
