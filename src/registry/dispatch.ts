import { deleteBlob, getBlob } from './blobs.ts'
import { OciError } from './errors.ts'
import { listReferrers, listRepositories, listTags } from './lists.ts'
import { deleteManifest, getManifest, putManifest } from './manifests.ts'
import { checkName } from './names.ts'
import { type Call, type Context, type Handler, json, type RegistryRequest, type Reply } from './request.ts'
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
export async function dispatch(context: Context, request: RegistryRequest): Promise<Reply> {
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
  if (path === '/' || path === '/healthz') return { status: 200, headers: { 'Content-Length': 0 } }
  await context.access.check(request)
  if (path === '/metrics' && request.method === 'GET') return context.metrics.toReply(context)
  const found = findRoute(decode(path))
  if (!found) throw notFound()
  const handler = Object.hasOwn(found.methods, request.method) ? found.methods[request.method] : undefined
  if (!handler)
    throw new OciError('UNSUPPORTED', undefined, { headers: { Allow: Object.keys(found.methods).sort().join(', ') } })
  const { name, reference = '' } = found
  if (name !== undefined) checkName(name)
  const call: Call = { request, query: new URLSearchParams(search), name: name ?? '', reference }
  return handler(context, call)
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
