import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { messageOf } from '../base/errors.ts'
import type { ProgressMessage } from '../spec/engine-api/engine.ts'
import type { Reply } from './route.ts'

const json = { 'Content-Type': 'application/json' }

/** Writes one reply; throws only while nothing has been written yet. */
export async function sendReply(response: ServerResponse, reply: Reply, isHead: boolean): Promise<void> {
  if ('json' in reply) return sendJson(response, reply, isHead)
  if ('text' in reply) return sendText(response, reply, isHead)
  if ('later' in reply) return sendLater(response, reply.later)
  if ('lines' in reply) return sendLines(response, reply.lines)
  if ('progress' in reply) return sendProgress(response, reply.progress, reply.early)
  if ('stream' in reply) return sendStream(response, reply)
  if ('status' in reply) response.writeHead(reply.status, reply.headers).end()
}

function sendJson(response: ServerResponse, reply: Extract<Reply, { json: unknown }>, isHead: boolean): void {
  const body = Buffer.from(`${JSON.stringify(reply.json)}\n`)
  response.writeHead(reply.status ?? 200, { ...json, 'Content-Length': body.length, ...reply.headers })
  response.end(isHead ? undefined : body)
}

function sendText(response: ServerResponse, reply: Extract<Reply, { text: string }>, isHead: boolean): void {
  const body = Buffer.from(reply.text)
  const contentType = reply.contentType ?? 'text/plain; charset=utf-8'
  response.writeHead(reply.status ?? 200, {
    'Content-Type': contentType,
    'Content-Length': isHead ? 0 : body.length,
    ...reply.headers,
  })
  response.end(isHead ? undefined : body)
}

async function sendLater(response: ServerResponse, later: Promise<unknown>): Promise<void> {
  response.writeHead(200, json)
  response.flushHeaders()
  try {
    response.end(`${JSON.stringify(await later)}\n`)
  } catch (error) {
    response.end(`${JSON.stringify({ Error: { Message: messageOf(error) }, StatusCode: -1 })}\n`)
  }
}

async function sendLines(response: ServerResponse, lines: AsyncIterable<unknown>): Promise<void> {
  const iterator = lines[Symbol.asyncIterator]()
  const first = iterator.next()
  response.writeHead(200, json)
  response.flushHeaders()
  try {
    for (let step = await first; !step.done && !response.destroyed; step = await iterator.next()) {
      if (!response.write(`${JSON.stringify(step.value)}\n`)) await drained(response)
    }
    response.end()
  } catch {
    response.end()
  } finally {
    await iterator.return?.()
  }
}

const drained = (response: ServerResponse): Promise<void> =>
  new Promise(resolve => {
    response.once('drain', resolve)
    response.once('close', resolve)
  })

async function sendProgress(
  response: ServerResponse,
  run: (send: (message: ProgressMessage) => void) => Promise<void>,
  early = false,
): Promise<void> {
  if (early) response.writeHead(200, json)
  const send = (message: ProgressMessage) => {
    if (!response.headersSent) response.writeHead(200, json)
    response.write(`${JSON.stringify(message)}\r\n`)
  }
  try {
    await run(send)
    if (!response.headersSent) response.writeHead(200, json)
  } catch (error) {
    if (!response.headersSent) throw error
    const message = messageOf(error)
    send({ errorDetail: { message }, error: message })
  }
  response.end()
}

async function sendStream(
  response: ServerResponse,
  reply: Extract<Reply, { contentType: string; stream: unknown }>,
): Promise<void> {
  response.writeHead(200, { 'Content-Type': reply.contentType, ...reply.headers })
  response.flushHeaders()
  try {
    await pipeline(reply.stream, response)
  } catch {
    response.destroy()
  }
}
