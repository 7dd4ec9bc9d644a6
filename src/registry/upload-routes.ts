import type { Digest } from '../spec/digest.ts'
import { OciError } from './errors.ts'
import { checkDigest, isRepositoryName } from './names.ts'
import type { Call, Context, Handler, Reply } from './request.ts'
import { formatRange } from './uploads.ts'

/** `POST /v2/<name>/blobs/uploads/`: mounts a blob, takes it whole, or opens an upload. */
export const startUpload: Handler = async (context, call) => {
  const { query, name } = call
  if (query.has('mount')) {
    const digest = checkDigest(query.get('mount'))
    if (mountBlob(context, call, digest)) {
      await confirmLink(context, name, digest)
      return created(name, digest)
    }
  }
  if (!query.has('digest')) context.quotas.check(name, 1)
  const id = await context.uploads.start(name)
  return query.has('digest') ? finish(context, call, id) : accepted(name, id, 0)
}

/** `GET …/uploads/<id>`: how far it is. */
export const getUpload: Handler = async ({ uploads }, { name, reference }) =>
  accepted(name, reference, await uploads.offset(name, reference), 204)

/** `PATCH …/uploads/<id>`: one chunk, or a stream of unknown length. */
export const patchUpload: Handler = async (context, call) => {
  const offset = await append(context, call, call.reference)
  return accepted(call.name, call.reference, offset)
}

/** `PUT …/uploads/<id>?digest=…`: the last chunk, or all of it. */
export const putUpload: Handler = (context, call) => finish(context, call, call.reference)

export const deleteUpload: Handler = async ({ uploads }, { name, reference }) => {
  await uploads.cancel(name, reference)
  return { status: 204 }
}

async function finish(context: Context, call: Call, id: string): Promise<Reply> {
  const { uploads, repositories, locks } = context
  await uploads.offset(call.name, id)
  const digest = checkDigest(call.query.get('digest'))
  const size = await append(context, call, id)
  using _lock = await locks.acquire(digest)
  await checkQuota(context, call.name, id, digest, size)
  await uploads.finish(call.name, id, digest)
  repositories.link(call.name, digest, size)
  await confirmLink(context, call.name, digest)
  return created(call.name, digest)
}

/** @throws OciError with status 503, see SharedIndex */
async function confirmLink({ repositories, shared }: Context, repository: string, digest: Digest): Promise<void> {
  const isThere = () => repositories.get(repository)?.links.has(digest) ?? false
  await shared?.confirm({ repository, digest }, isThere, () => repositories.unlink(repository, digest))
}

/** What is here already takes no more room. */
async function checkQuota(
  { quotas, uploads, repositories }: Context,
  name: string,
  id: string,
  digest: Digest,
  size: number,
) {
  if (repositories.get(name)?.links.has(digest)) return
  try {
    quotas.check(name, size)
  } catch (error) {
    await uploads.cancel(name, id)
    throw error
  }
}

async function append(context: Context, { request, name, query }: Call, id: string): Promise<number> {
  const { uploads, quotas, repositories } = context
  const isHere = repositories.get(name)?.links.has(query.get('digest') ?? '')
  const room = isHere ? Number.POSITIVE_INFINITY : quotas.left(name)
  const start = parseContentRange(request.headers['content-range'])
  try {
    return await uploads.append(name, id, request.body, { start, room })
  } catch (error) {
    if (!(error instanceof OciError) || error.code !== 'RANGE_INVALID') throw error
    throw new OciError(error.code, error.detail, { headers: { ...error.headers, Location: uploadPath(name, id) } })
  }
}

/** Without `from`, any repository that has the blob, and that the user may read, will do. */
function mountBlob(context: Context, { query, name, identity }: Call, digest: Digest): boolean {
  const { repositories, access, quotas, content } = context
  const from = query.get('from')
  if (from !== null && !isRepositoryName(from)) return false
  const sources = (from === null ? repositories.names() : [from]).filter(each => access.allows(identity, each, 'pull'))
  if (!sources.some(source => repositories.useBlob(source, digest))) return false
  const size = content.sizeOf(digest) ?? 0
  if (!repositories.get(name)?.links.has(digest)) quotas.check(name, size)
  repositories.link(name, digest, size)
  return true
}

/** Where a chunk starts. @throws OciError `RANGE_INVALID` */
function parseContentRange(header: string | undefined): number | undefined {
  if (header === undefined) return undefined
  const match = /^(?:bytes[ =])?(\d+)-(\d+)(?:\/(?:\d+|\*))?$/.exec(header.trim())
  if (!match || Number(match[2]) < Number(match[1])) throw new OciError('RANGE_INVALID')
  return Number(match[1])
}

const uploadPath = (name: string, id: string) => `/v2/${name}/blobs/uploads/${id}`

const accepted = (name: string, id: string, offset: number, status = 202): Reply => ({
  status,
  headers: {
    ...(status === 204 ? {} : { 'Content-Length': 0 }),
    Location: uploadPath(name, id),
    Range: formatRange(offset),
    'Docker-Upload-UUID': id,
  },
})

const created = (name: string, digest: string): Reply => ({
  status: 201,
  headers: { 'Content-Length': 0, Location: `/v2/${name}/blobs/${digest}`, 'Docker-Content-Digest': digest },
})
