/** `proto://host:port` or `proto://path` of an option. */
export interface LogAddress {
  readonly protocol: string
  readonly host: string
  readonly port: number
  readonly path: string
}

/** @throws Error that names the option */
export function parseAddress(option: string, text: string, defaultPort: number): LogAddress {
  const match = /^([a-z0-9+]+):\/\/(.*)$/.exec(text)
  const [protocol, rest] = match ? [match[1]!, match[2]!] : ['tcp', text]
  if (protocol.startsWith('unix')) return { protocol, host: '', port: 0, path: rest }
  const [, host, port] = /^(\[[^\]]+\]|[^:]*)(?::(\d+))?$/.exec(rest) ?? []
  if (host === undefined) throw new Error(`${option} should be in form proto://address, got ${text}`)
  return {
    protocol,
    host: host.replace(/^\[|\]$/g, '') || '127.0.0.1',
    port: port ? Number(port) : defaultPort,
    path: '',
  }
}
