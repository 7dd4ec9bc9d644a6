import type { EngineConnection } from '../../spec/engine-api/connection.ts'
import { stderr } from '../output.ts'

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGCONT', 'SIGALRM'] as const

/** So many terminations in a row end us, whatever the container makes of them. */
const patience = 3

/** Signals that reach us go to the container while it runs. */
export function proxySignals(engine: EngineConnection, id: string): Disposable {
  let impatience = 0
  const handlers = forwarded.map(name => {
    const handler = () => {
      if ((name === 'SIGINT' || name === 'SIGTERM') && ++impatience >= patience) {
        stderr.line('\ngot 3 SIGTERM/SIGINTs, forcefully exiting')
        process.exit(1)
      }
      void engine.containers.kill(id, name.slice(3)).catch(() => {})
    }
    process.on(name, handler)
    return [name, handler] as const
  })
  return {
    [Symbol.dispose]() {
      for (const [name, handler] of handlers) process.off(name, handler)
    },
  }
}
