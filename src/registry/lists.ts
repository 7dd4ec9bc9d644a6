import { OciError } from './errors.ts'
import { checkDigest } from './names.ts'
import { type Handler, json } from './request.ts'

const pageLimit = 1000

/** `GET /v2/<name>/tags/list`, in the order of their bytes. */
export const listTags: Handler = async ({ repositories, upstreams }, { query, name }) => {
  const tags = (await upstreams?.tags(name)) ?? repositories.get(name)?.tags.keys()
  if (!tags) throw new OciError('NAME_UNKNOWN', { name })
  const { page, headers } = paginate([...tags], query, `/v2/${name}/tags/list`)
  return json({ name, tags: page }, headers)
}

/** `GET /v2/_catalog`: what the user may pull. */
export const listRepositories: Handler = ({ repositories, access }, { query, identity }) => {
  const names = repositories.names().filter(name => access.allows(identity, name, 'pull'))
  const { page, headers } = paginate(names, query, '/v2/_catalog')
  return json({ repositories: page }, headers)
}

/** `GET /v2/<name>/referrers/<digest>`; an unknown subject has none. */
export const listReferrers: Handler = ({ repositories }, { query, name, reference }) => {
  const subject = checkDigest(reference)
  const wanted = query.get('artifactType')
  const manifests = [...(repositories.get(name)?.manifests.values() ?? [])]
    .filter(manifest => manifest.subject === subject && (!wanted || manifest.artifactType === wanted))
    .map(({ mediaType, digest, size, artifactType, annotations }) => ({
      mediaType,
      digest,
      size,
      ...(artifactType ? { artifactType } : {}),
      ...(annotations ? { annotations } : {}),
    }))
  const mediaType = 'application/vnd.oci.image.index.v1+json'
  const filtered = wanted ? { 'OCI-Filters-Applied': 'artifactType' } : {}
  return json({ schemaVersion: 2, mediaType, manifests }, { 'Content-Type': mediaType, ...filtered })
}

/** One page of `names` and the link to the next. */
export function paginate(names: readonly string[], query: URLSearchParams, path: string) {
  const limit = parseLimit(query.get('n'))
  const last = query.get('last') ?? ''
  const rest = names.filter(name => name > last).sort(byBytes)
  const page = rest.slice(0, limit)
  const next = new URLSearchParams({ last: page.at(-1) ?? '', n: String(limit) })
  const headers: Record<string, string> =
    page.length > 0 && page.length < rest.length ? { Link: `<${path}?${next}>; rel="next"` } : {}
  return { page, headers }
}

function parseLimit(text: string | null): number {
  if (text === null) return pageLimit
  if (!/^\d{1,9}$/.test(text)) throw new OciError('PAGINATION_NUMBER_INVALID', { n: text.slice(0, 50) })
  return Math.min(Number(text), pageLimit)
}

/** Names and tags are ASCII, so code units are bytes. */
const byBytes = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
