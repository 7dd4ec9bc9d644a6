import { type Digest, digestOf } from '../spec/digest.ts'
import { readBody } from './batches.ts'
import { OciError } from './errors.ts'
import { type Child, type ManifestFacts, parseManifest } from './manifest.ts'
import { checkReference } from './names.ts'
import type { ManifestRecord } from './repositories.ts'
import type { Context, Handler } from './request.ts'

/** Spec: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests */
const manifestLimit = 4 << 20

/** `GET` and `HEAD /v2/<name>/manifests/<tag or digest>` */
export const getManifest: Handler = async (context, { request, name, reference }) => {
  const { content, repositories } = context
  const wanted = checkReference(reference)
  await context.upstreams?.bringManifest(context, name, wanted)
  const record = repositories.useManifest(name, wanted)
  if (!record) throw unknownManifest(name, wanted.tag, wanted.digest)
  const headers = {
    'Content-Type': record.mediaType,
    'Content-Length': record.size,
    'Docker-Content-Digest': record.digest,
    Etag: `"${record.digest}"`,
  }
  if (request.headers['if-none-match'] === headers.Etag) return { status: 304, headers: { Etag: headers.Etag } }
  return request.method === 'HEAD'
    ? { status: 200, headers }
    : { status: 200, headers, body: await content.read(record.digest) }
}

/** `PUT /v2/<name>/manifests/<tag or digest>`: visible when everything it points at is here. */
export const putManifest: Handler = async (context, { request, name, reference, identity }) => {
  const { tag, digest: wanted } = checkReference(reference)
  const bytes = await readBody(request.body, manifestLimit)
  const digest = digestOf(bytes)
  if (wanted !== undefined && wanted !== digest) throw new OciError('DIGEST_INVALID')
  const facts = parseManifest(bytes, request.headers['content-type'])
  checkChildren(context, name, facts)
  using _lock = await context.locks.acquire(digest)
  if (!context.content.has(digest)) await context.content.putBytes(bytes)
  checkChildren(context, name, facts) // again, since time has passed; from here on nothing waits
  if (tag !== undefined) checkTagMayMove(context, name, tag, digest)
  const { repositories, now } = context
  repositories.addManifest({ ...facts, repository: name, digest, size: bytes.length, usedAt: now() })
  const isWhole = () => repositories.get(name)?.manifests.has(digest) === true && hasChildren(context, name, facts)
  const use = { repository: name, digest }
  await context.shared?.confirm(use, isWhole, () => repositories.removeManifest(name, digest))
  if (tag !== undefined) {
    repositories.tag(name, tag, digest)
    await context.shared?.confirm(
      use,
      () => repositories.get(name)?.tags.has(tag) === true,
      () => {},
    )
  }
  const { mediaType } = facts
  context.emit({ action: 'push', repository: name, tag, digest, mediaType, size: bytes.length, user: identity.name })
  const location = `/v2/${name}/manifests/${wanted ?? digest}`
  const subject = facts.subject ? { 'OCI-Subject': facts.subject } : {}
  return {
    status: 201,
    headers: { 'Content-Length': 0, Location: location, 'Docker-Content-Digest': digest, ...subject },
  }
}

/** `DELETE /v2/<name>/manifests/<tag or digest>`: a tag alone, or a manifest with its tags. */
export const deleteManifest: Handler = (context, { name, reference, identity }) => {
  const { tag, digest } = checkReference(reference)
  const { repositories } = context
  const repository = repositories.get(name)
  if (tag !== undefined) {
    if (!repository?.tags.has(tag)) throw unknownManifest(name, tag, digest)
    checkTagMayMove(context, name, tag)
    repositories.untag(name, tag)
    context.emit({ action: 'untag', repository: name, tag, user: identity.name })
    return { status: 202, headers: { 'Content-Length': 0 } }
  }
  if (!repository?.manifests.has(digest!)) throw unknownManifest(name, tag, digest)
  for (const other of repository.manifests.values())
    if (other.manifests.some(child => child.digest === digest))
      throw new OciError('UNSUPPORTED', `manifest ${digest} is used by index ${other.digest}`)
  for (const [known, target] of repository.tags) if (target === digest) checkTagMayMove(context, name, known)
  repositories.removeManifest(name, digest!)
  context.emit({ action: 'delete', repository: name, digest, user: identity.name })
  return { status: 202, headers: { 'Content-Length': 0 } }
}

const unknownManifest = (name: string, tag: string | undefined, digest: Digest | undefined) =>
  new OciError('MANIFEST_UNKNOWN', digest === undefined ? { Tag: tag } : { Name: name, Revision: digest })

/** @throws OciError `DENIED` when the tag is there, fixed, and would come to mean something else */
function checkTagMayMove({ repositories, isFixedTag }: Context, name: string, tag: string, to?: Digest): void {
  const target = repositories.get(name)?.tags.get(tag)
  if (target !== undefined && target !== to && isFixedTag(tag)) throw new OciError('DENIED', `tag ${tag} is immutable`)
}

function checkChildren({ content, repositories }: Context, name: string, facts: ManifestFacts): void {
  for (const blob of facts.blobs)
    checkChild(blob, repositories.useBlob(name, blob.digest) ? content.sizeOf(blob.digest) : undefined)
  const manifests: ReadonlyMap<Digest, ManifestRecord> | undefined = repositories.get(name)?.manifests
  for (const child of facts.manifests) checkChild(child, manifests?.get(child.digest)?.size)
}

function hasChildren({ repositories }: Context, name: string, { blobs, manifests }: ManifestFacts): boolean {
  const repository = repositories.get(name)
  const isHere = [
    ...blobs.map(each => repository?.links.has(each.digest)),
    ...manifests.map(each => repository?.manifests.has(each.digest)),
  ]
  return isHere.every(Boolean)
}

function checkChild({ digest, size }: Child, found: number | undefined): void {
  if (found === undefined) throw new OciError('MANIFEST_BLOB_UNKNOWN', digest)
  if (found !== size) throw new OciError('MANIFEST_INVALID', `size of ${digest} is ${found}, the manifest says ${size}`)
}
