import { spawnSync } from 'node:child_process'

const endings = { SIGTERM: 15, SIGHUP: 1, SIGINT: 2 } as const

/** Raw mode until disposed; the terminal is put back on every way out. */
export function rawTerminal(): Disposable {
  const { stdin } = process
  if (!stdin.isTTY) return { [Symbol.dispose]() {} }
  const enter = () => {
    stdin.setRawMode(true)
    // the container's terminal has turned newlines into returns and newlines already: ours must not do it again
    spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] })
  }
  const restore = () => void stdin.setRawMode(false)
  const handlers = Object.entries(endings).map(([name, number]) => {
    const handler = () => {
      restore()
      process.exit(128 + number)
    }
    return [name as NodeJS.Signals, handler] as const
  })
  // the shell has put its own modes back meanwhile, which the runtime's note of the current mode knows nothing about
  const enterAgain = () => {
    restore()
    enter()
  }
  enter()
  process.on('exit', restore)
  process.on('SIGCONT', enterAgain)
  for (const [name, handler] of handlers) process.on(name, handler)
  return {
    [Symbol.dispose]() {
      process.off('exit', restore)
      process.off('SIGCONT', enterAgain)
      for (const [name, handler] of handlers) process.off(name, handler)
      restore()
    },
  }
}
