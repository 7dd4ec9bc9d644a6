import http from 'node:http'
import https from 'node:https'

export type Request = http.IncomingMessage
export type Response = http.ServerResponse
/** True when the request was answered. */
export type Hook = (request: Request, response: Response) => boolean

export interface Front extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly host: string
  /** method and path of every request */
  readonly seen: string[]
}

const methodAnd = ({ method, url }: Request) => `${method} ${url}`

/** A server in front of a registry, which answers some requests in its own way. */
export async function startFront(target: string, hook: Hook, tls?: https.ServerOptions): Promise<Front> {
  const seen: string[] = []
  const handler = (request: Request, response: Response) => {
    seen.push(methodAnd(request))
    if (!hook(request, response)) forward(target, request, response)
  }
  const server = tls ? https.createServer(tls, handler) : http.createServer(handler)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    host: `127.0.0.1:${port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Hands a request on as it is, with the host that the client meant. */
export function forward(
  target: string,
  request: Request,
  response: Response,
  change: (headers: http.OutgoingHttpHeaders) => http.OutgoingHttpHeaders = headers => headers,
): void {
  const { method, headers, url } = request
  const upstream = http.request(`http://${target}${url}`, { method: method!, headers, agent: false }, answer => {
    response.writeHead(answer.statusCode!, change(answer.headers))
    answer.pipe(response)
  })
  upstream.on('error', () => response.destroy())
  request.on('close', () => request.complete || upstream.destroy())
  request.pipe(upstream)
}

/** Answers so for the first `count` requests that match. */
export function first(
  count: number,
  matches: RegExp,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): Hook {
  const times = new Map<string, number>()
  return (request, response) => {
    const key = methodAnd(request).replace(/\?.*/, '')
    const known = times.get(key) ?? 0
    if (!matches.test(key) || known >= count) return false
    times.set(key, known + 1)
    request.resume()
    response.writeHead(status, headers).end('busy')
    return true
  }
}
