const codes = { SIGINT: 130, SIGTERM: 143 } as const

const handlers = Object.entries(codes).map(([name, code]) => {
  // whoever else listens decides alone
  const handler = () => {
    if (process.listenerCount(name) === 1) process.exit(code)
  }
  return [name, handler] as const
})

let isOn = false

/** Ctrl-C and SIGTERM end us with a code, as Docker's client does, so that a script goes on where a signal would end it. */
export function exitOnSignals(): void {
  if (isOn) return
  isOn = true
  for (const [name, handler] of handlers) process.on(name, handler)
}

/** Until disposed, signals do what the system does: handlers would not run during a read that blocks. */
export function withoutHandlers(): Disposable {
  const wasOn = isOn
  isOn = false
  for (const [name, handler] of handlers) process.off(name, handler)
  return { [Symbol.dispose]: () => (wasOn ? exitOnSignals() : undefined) }
}
