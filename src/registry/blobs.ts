import type { Digest } from '../spec/digest.ts'
import { OciError } from './errors.ts'
import { checkDigest } from './names.ts'
import type { Call, Context, Handler, Reply } from './request.ts'

/** `GET` and `HEAD /v2/<name>/blobs/<digest>`, whole or one range. */
export const getBlob: Handler = (context, call) => {
  const { content, repositories } = context
  const { request, name, reference } = call
  const digest = checkDigest(reference)
  const size = repositories.useBlob(name, digest) ? content.sizeOf(digest) : undefined
  if (size === undefined) return getFromUpstream(context, call, digest)
  const headers = headersOf(digest)
  if (request.headers['if-none-match'] === headers.Etag) return { status: 304, headers }
  const range = request.headers['if-range'] ? undefined : parseRange(request.headers.range, size)
  const { start, end } = range ?? { start: 0, end: size }
  const sized = { ...headers, 'Content-Length': end - start }
  const reply = range
    ? { status: 206, headers: { ...sized, 'Content-Range': `bytes ${start}-${end - 1}/${size}` } }
    : { status: 200, headers: sized }
  if (request.method === 'HEAD' || start === end) return reply
  return { ...reply, body: out => content.copyTo(digest, out, { start, end }) }
}

const headersOf = (digest: Digest) => ({
  'Content-Type': 'application/octet-stream',
  'Docker-Content-Digest': digest,
  'Accept-Ranges': 'bytes',
  'Cache-Control': 'max-age=31536000',
  Etag: `"${digest}"`,
})

/** A blob on its way here is always sent whole. */
async function getFromUpstream(context: Context, { request, name }: Call, digest: Digest): Promise<Reply> {
  const found = await context.upstreams?.openBlob(context, name, digest)
  if (!found) throw new OciError('BLOB_UNKNOWN', digest)
  const reply = { status: 200, headers: { ...headersOf(digest), 'Content-Length': found.size } }
  return request.method === 'HEAD' ? reply : { ...reply, body: found.copyTo }
}

/** `DELETE /v2/<name>/blobs/<digest>`; the bytes go when no repository needs them. */
export const deleteBlob: Handler = ({ repositories }, { name, reference }) => {
  const digest = checkDigest(reference)
  const repository = repositories.get(name)
  if (!repository?.links.has(digest)) throw new OciError('BLOB_UNKNOWN', digest)
  for (const manifest of repository.manifests.values())
    if (manifest.blobs.some(blob => blob.digest === digest))
      throw new OciError('UNSUPPORTED', `blob ${digest} is used by manifest ${manifest.digest}`)
  repositories.unlink(name, digest)
  return { status: 202, headers: { 'Content-Length': 0 } }
}

/**
 * The half-open range that a `Range` header asks for; undefined means everything, as for forms that may be ignored.
 *
 * @throws OciError `RANGE_INVALID`
 */
export function parseRange(header: string | undefined, size: number): { start: number; end: number } | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '')
  if (!match || (match[1] === '' && match[2] === '')) return undefined
  const [first, last] = [match[1]!, match[2]!]
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1)
  if (start >= size || end <= start)
    throw new OciError('RANGE_INVALID', undefined, { headers: { 'Content-Range': `bytes */${size}` } })
  return { start, end }
}
