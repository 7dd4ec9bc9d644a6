import type { IncomingMessage } from 'node:http'
import type { Duplex, Readable } from 'node:stream'
import type { ProgressMessage } from '../spec/engine-api/engine.ts'

export type Headers = Readonly<Record<string, string>>

/** What a handler is given: everything decoded that HTTP itself defines. */
export interface Call {
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  /** API version of the request, such as `1.51` */
  readonly version: string
  readonly body: Readable
  /** fires when the client is gone */
  readonly signal: AbortSignal
}

/** What a handler answers: data, never an act on the socket. */
export type Reply =
  | { readonly status: number; readonly headers?: Headers }
  | { readonly status?: number; readonly json: unknown; readonly headers?: Headers }
  | { readonly status?: number; readonly text: string; readonly contentType?: string; readonly headers?: Headers }
  /** headers at once, the document when it comes */
  | { readonly later: Promise<unknown> }
  /** headers at once, one document a line */
  | { readonly lines: AsyncIterable<unknown> }
  /**
   * headers with the first message; an error before it has a status of its own, one after it goes in the stream;
   * `early`: headers at once
   */
  | { readonly progress: (send: (message: ProgressMessage) => void) => Promise<void>; readonly early?: boolean }
  | { readonly stream: Readable; readonly contentType: string; readonly headers?: Headers }
  /** the connection itself, in both directions */
  | { readonly hijack: Duplex; readonly tty: boolean }
  /** the same, in messages of a WebSocket */
  | { readonly websocket: Duplex }

export type Handler = (call: Call) => Promise<Reply>

export interface Route {
  readonly method: string
  readonly pattern: string
  readonly handle: Handler
  /** errors before the hijack are plain text on a closed connection, as attach has them */
  readonly plainErrors?: boolean
}

/**
 * One endpoint. `{id}` in the pattern takes one path segment, `{name*}` takes slashes as well, and nothing.
 * `GET` serves `HEAD` only where a route says so itself.
 */
export const route = (
  method: string,
  pattern: string,
  handle: Handler,
  options: Pick<Route, 'plainErrors'> = {},
): Route => ({
  method,
  pattern,
  handle,
  ...options,
})

interface Compiled {
  readonly route: Route
  readonly expression: RegExp
}

export interface Match {
  readonly route: Route
  readonly params: Readonly<Record<string, string>>
}

const toExpression = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern.replace(/\{(\w+)(\*?)\}/g, (_, name: string, star: string) => `(?<${name}>${star ? '.*' : '[^/]+'})`)}$`,
  )

/** Finds the route of a request; the order of routes decides where two fit. */
export function createRouter(routes: readonly Route[]): {
  readonly match: (method: string, path: string) => Match | undefined
} {
  const byFolder = Map.groupBy(
    routes.map((route): Compiled => ({ route, expression: toExpression(route.pattern) })),
    ({ route }) => route.pattern.split('/')[1]!,
  )
  const candidates = (path: string) => byFolder.get(path.split('/')[1] ?? '') ?? []
  return {
    match(method, path) {
      for (const { route, expression } of candidates(path)) {
        if (route.method !== method) continue
        const found = expression.exec(path)
        if (found) return { route, params: found.groups ?? {} }
      }
      return undefined
    },
  }
}
