import { messageOf } from '../base/errors.ts'
import { becomeSubreaper } from '../kernel/reap.ts'
import { type ServerOptions, serveSupervisor } from './server.ts'

/** The life of the supervisor's process: no signal but KILL ends it while tasks run. */
export function runSupervisor(options: ServerOptions): void {
  for (const name of ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGPIPE'] as const) process.on(name, () => {})
  process.on('uncaughtException', error =>
    options.log.error('unexpected error', { error: messageOf(error), stack: error.stack }),
  )
  process.on('unhandledRejection', error => options.log.error('unexpected rejection', { error: messageOf(error) }))
  becomeSubreaper()
  serveSupervisor(options)
}
