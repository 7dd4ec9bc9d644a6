import { parseArgs } from 'node:util'
import { createLog } from '../base/log.ts'
import { runSupervisor } from '../supervisor/main.ts'

const { values } = parseArgs({ options: { 'exec-root': { type: 'string' }, socket: { type: 'string' } }, strict: true })
runSupervisor({
  execRoot: values['exec-root']!,
  socketPath: values.socket!,
  log: createLog(),
  onIdle: () => process.exit(0),
})
