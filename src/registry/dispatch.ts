import type { AuditEntry } from './audit.ts'
import { deleteBlob, getBlob } from './blobs.ts'
import { OciError } from './errors.ts'
import type { Action, Identity } from './identity.ts'
import { listReferrers, listRepositories, listTags } from './lists.ts'
import { deleteManifest, getManifest, putManifest } from './manifests.ts'
import { checkName } from './names.ts'
import { servePage } from './pages.ts'
import { type Context, type Handler, json, type RegistryRequest, type Reply } from './request.ts'
import { deleteUpload, getUpload, patchUpload, putUpload, startUpload } from './upload-routes.ts'

type Methods = Readonly<Record<string, Handler>>

const base: Handler = () => json({})

/** Path below `/v2/` → what may be done there. The name is greedy: it may hold words that routes use, too. */
const routes: readonly (readonly [RegExp, Methods])[] = [
  [/^$/, { GET: base, HEAD: base }],
  [/^_catalog$/, { GET: listRepositories }],
  [/^(?<name>.+)\/blobs\/uploads\/?$/, { POST: startUpload }],
  [
    /^(?<name>.+)\/blobs\/uploads\/(?<reference>[^/]+)$/,
    { GET: getUpload, PATCH: patchUpload, PUT: putUpload, DELETE: deleteUpload },
  ],
  [/^(?<name>.+)\/blobs\/(?<reference>[^/]+)$/, { GET: getBlob, HEAD: getBlob, DELETE: deleteBlob }],
  [
    /^(?<name>.+)\/manifests\/(?<reference>[^/]+)$/,
    { GET: getManifest, HEAD: getManifest, PUT: putManifest, DELETE: deleteManifest },
  ],
  [/^(?<name>.+)\/tags\/list$/, { GET: listTags }],
  [/^(?<name>.+)\/referrers\/(?<reference>[^/]+)$/, { GET: listReferrers }],
]

/** Answers one request; no socket is needed. Every failure becomes a reply. */
export async function dispatch(context: Context, asked: RegistryRequest): Promise<Reply> {
  let entry: Partial<AuditEntry> = {}
  const request: RegistryRequest = {
    ...asked,
    seen: seen => {
      entry = seen
    },
  }
  const reply = await replyTo(context, request)
  context.audit?.write(request, { user: undefined, ...entry, status: reply.status })
  return reply
}

async function replyTo(context: Context, request: RegistryRequest): Promise<Reply> {
  try {
    return await answer(context, request)
  } catch (error) {
    const told = error instanceof OciError ? error : new OciError('UNKNOWN')
    // a client that went away in the middle of its upload is no failure of ours
    if (told !== error && !request.body.destroyed)
      context.log.error('request failed', { method: request.method, url: request.url, error })
    return {
      status: told.status,
      headers: { 'Content-Type': 'application/json; charset=utf-8', ...told.headers },
      body: told.toJson(),
    }
  }
}

async function answer(context: Context, request: RegistryRequest): Promise<Reply> {
  const [path = '', search = ''] = request.url.split(/\?(.*)/s)
  if (path === '/') return { status: 302, headers: { Location: '/ui/', 'Content-Length': 0 } }
  if (path === '/healthz') return checkHealth(context)
  context.limiter?.take(request.from)
  if (path === '/token' && context.access.token) return context.access.token(request)
  const identity = await context.access.identify(request)
  request.seen?.({ user: identity.name })
  if (path === '/metrics' || path === '/ui' || path.startsWith('/ui/'))
    return serveOther(context, request, identity, path)
  const found = findRoute(decode(path))
  if (!found) throw notFound()
  const { name, reference = '', methods } = found
  request.seen?.({ user: identity.name, repository: name, reference })
  const handler = Object.hasOwn(methods, request.method) ? methods[request.method] : undefined
  if (!handler)
    throw new OciError('UNSUPPORTED', undefined, { headers: { Allow: Object.keys(methods).sort().join(', ') } })
  if (name !== undefined) checkName(name)
  permit(context, request, identity, name)
  await context.shared?.refresh(name)
  const call = { request, identity, query: new URLSearchParams(search), name: name ?? '', reference }
  return flushed(context, request, await handler(context, call))
}

/** What a request has changed is seen by all before it is answered; that something was asked for can wait. */
async function flushed({ log, shared }: Context, { method }: RegistryRequest, reply: Reply): Promise<Reply> {
  if (method !== 'GET' && method !== 'HEAD') await shared?.flush()
  else shared?.flush().catch(error => log.error('use not noted', { error }))
  return reply
}

async function serveOther(context: Context, request: RegistryRequest, identity: Identity, path: string) {
  if (request.method !== 'GET' && request.method !== 'HEAD') throw new OciError('UNSUPPORTED')
  await context.shared?.refresh()
  if (path === '/metrics') {
    if (identity.name === undefined) throw context.access.refusal(request, identity)
    return context.metrics.toReply(context)
  }
  if (identity.name === undefined && !maySeeAny(context, identity)) throw askPassword()
  return servePage(context, decode(path), identity)
}

const maySeeAny = ({ repositories, access }: Context, identity: Identity): boolean =>
  repositories.names().some(name => access.allows(identity, name, 'pull'))

/** Browsers ask people for names and passwords, not for tokens. */
const askPassword = () =>
  new OciError('UNAUTHORIZED', undefined, { headers: { 'Www-Authenticate': 'Basic realm="berth-registry"' } })

/** Whether the registry can do its work. */
function checkHealth({ content }: Context): Reply {
  content.has(`sha256:${'0'.repeat(64)}`) // throws when the disk is gone
  return { status: 200, headers: { 'Content-Length': 0 } }
}

const actionOf: Readonly<Record<string, Action>> = { GET: 'pull', HEAD: 'pull', DELETE: 'delete' }

/** @throws OciError `UNAUTHORIZED`, `DENIED` */
function permit(context: Context, request: RegistryRequest, identity: Identity, name: string | undefined): void {
  const { access, upstreams } = context
  if (name === undefined) {
    // the base path asks who you are: a client that means to log in must be refused there
    const isBase = /^\/v2\/?(\?|$)/.test(request.url)
    const isWelcome = isBase ? request.headers.authorization !== undefined : maySeeAny(context, identity)
    if (identity.name === undefined && !isWelcome) throw access.refusal(request, identity)
    return
  }
  const isUpload = request.method === 'DELETE' && /\/blobs\/uploads\/[^/]+$/.test(request.url)
  const action = isUpload ? 'push' : (actionOf[request.method] ?? 'push')
  if (!access.allows(identity, name, action))
    throw access.refusal(request, identity, name, action === 'push' ? ['pull', 'push'] : [action])
  if (action === 'push' && upstreams?.isCopy(name))
    throw new OciError('DENIED', `${name} is a copy of another registry`)
}

function findRoute(path: string) {
  const rest = path === '/v2' ? '' : path.startsWith('/v2/') ? path.slice(4) : undefined
  if (rest === undefined) return undefined
  for (const [pattern, methods] of routes) {
    const match = pattern.exec(rest)
    if (match) return { methods, name: match.groups?.name, reference: match.groups?.reference }
  }
  return undefined
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    throw notFound()
  }
}

const notFound = () => new OciError('NAME_UNKNOWN', undefined, { status: 404 })
