export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal'
export type LogFields = Readonly<Record<string, unknown>>

const ranks: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3, fatal: 4 }

/** Writes constant texts with fields, one line each; never hand it a secret that is not a `Secret`. */
export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** Lines below this level are dropped; may be changed while running. */
  level: LogLevel
}

const formatValue = (value: unknown): string => {
  if (value instanceof Error) return JSON.stringify(value.message)
  if (typeof value === 'string') return /^[\w./:@-]+$/.test(value) ? value : JSON.stringify(value)
  return JSON.stringify(value) ?? 'undefined'
}

/** A log of `key=value` lines, or of JSON, as dockerd writes them, to `write` (default: standard error). */
export function createLog(
  level: LogLevel = 'info',
  write: (line: string) => void = line => void process.stderr.write(line),
  isJson = false,
): Log {
  const line = (at: LogLevel, message: string, fields: LogFields = {}) => {
    if (ranks[at] < ranks[log.level]) return
    const rest = Object.entries(fields).filter(([, value]) => value !== undefined)
    const shownLevel = at === 'warn' ? 'warning' : at
    const time = new Date().toISOString()
    if (isJson) {
      const plain = rest.map(([key, value]) => [key, value instanceof Error ? value.message : value] as const)
      return write(`${JSON.stringify({ ...Object.fromEntries(plain), level: shownLevel, msg: message, time })}\n`)
    }
    const tail = rest.map(([key, value]) => ` ${key}=${formatValue(value)}`).join('')
    write(`time="${time}" level=${shownLevel} msg=${JSON.stringify(message)}${tail}\n`)
  }
  const log: Log = {
    level,
    debug: (message, fields) => line('debug', message, fields),
    info: (message, fields) => line('info', message, fields),
    warn: (message, fields) => line('warn', message, fields),
    error: (message, fields) => line('error', message, fields),
  }
  return log
}

/** A log that keeps nothing: for tests and for callers that want silence. */
export const silentLog: Log = createLog('fatal', () => {})
