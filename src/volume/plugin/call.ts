import { readFileSync } from 'node:fs'
import { request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { setTimeout as delay } from 'node:timers/promises'
import { EngineError, hasCode, messageOf } from '../../base/errors.ts'
import type { PluginAddress } from './discover.ts'

const mediaType = 'application/vnd.docker.plugins.v1.2+json'
/** for what changes something; questions of everybody's `volume ls` do not wait so long */
const [patience, quickness] = [120_000, 15_000]
/** a plugin that restarts is waited for, as long as its answer is worth it */
const retryMillis = [100, 200, 400, 800, 1600]
const maxAnswer = 16 << 20

function optionsOf({ url, tls }: PluginAddress): object {
  if (url.startsWith('unix://')) return { socketPath: url.slice('unix://'.length) }
  const { hostname, port } = new URL(url.replace(/^tcp:/, tls ? 'https:' : 'http:'))
  if (!tls && !url.startsWith('https:')) return { host: hostname, port }
  const file = (path: string | undefined) => (path ? readFileSync(path) : undefined)
  const { CAFile, CertFile, KeyFile, InsecureSkipVerify } = tls ?? {}
  const material = { ca: file(CAFile), cert: file(CertFile), key: file(KeyFile) }
  return { host: hostname, port, ...material, rejectUnauthorized: !InsecureSkipVerify }
}

function send(
  address: PluginAddress,
  path: string,
  body: string,
  timeout: number,
): Promise<{ status: number; text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>()
  const isTls = address.tls !== undefined || address.url.startsWith('https:')
  const headers = {
    Host: 'plugin.moby.localhost',
    Accept: mediaType,
    'Content-Type': mediaType,
    'Content-Length': Buffer.byteLength(body),
  }
  const options = { ...optionsOf(address), method: 'POST', path, headers, timeout }
  const sent = (isTls ? tlsRequest : plainRequest)(options, response => {
    let text = ''
    response.setEncoding('utf8')
    response.on('data', (part: string) => {
      text += part
      if (text.length > maxAnswer) sent.destroy(new Error('the answer is too long'))
    })
    response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    response.on('error', reject)
  })
  sent.on('timeout', () => sent.destroy(new Error('no answer in time')))
  sent.on('error', reject)
  sent.end(body)
  return promise
}

const isDown = (error: unknown): boolean => ['ECONNREFUSED', 'ENOENT'].some(code => hasCode(error, code))

/**
 * Asks a plugin: one POST with a JSON document, one JSON document as the answer.
 * Spec: https://docs.docker.com/engine/extend/plugin_api/
 *
 * @param patient whether to wait for one that is just not there, or takes its time
 * @throws EngineError with what the plugin says is wrong
 */
export async function callPlugin<T>(
  address: PluginAddress,
  verb: string,
  question?: unknown,
  patient = false,
): Promise<T> {
  const body = question === undefined ? '' : `${JSON.stringify(question)}\n`
  for (let tries = 0; ; tries++) {
    try {
      return answerOf<T>(verb, await send(address, `/${verb}`, body, patient ? patience : quickness))
    } catch (cause) {
      if (cause instanceof EngineError) throw cause
      const pause = patient && isDown(cause) ? retryMillis[tries] : undefined
      if (pause === undefined) throw new EngineError('internal', `${verb}: ${messageOf(cause)}`, { cause })
      await delay(pause)
    }
  }
}

function answerOf<T>(verb: string, { status, text }: { readonly status: number; readonly text: string }): T {
  const answer = parse(text)
  if (status !== 200) throw new EngineError('internal', `${verb}: ${answer?.Err || text.trim()}`)
  if (!answer) throw new EngineError('internal', `${verb}: the answer is no JSON`)
  if (answer.Err) throw new EngineError('internal', answer.Err)
  return answer as T
}

function parse(text: string): { readonly Err?: string } | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
