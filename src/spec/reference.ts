import { EngineError } from '../base/errors.ts'
import type { Digest } from './digest.ts'

/**
 * The name of an image, taken apart. `docker.io/library/x` is `domain` `docker.io`, `path` `library/x`.
 * Grammar: https://pkg.go.dev/github.com/distribution/reference
 */
export interface Reference {
  /** host of the registry, with port; Docker Hub is `docker.io` */
  readonly domain: string
  readonly path: string
  readonly tag?: string
  readonly digest?: Digest
}

const domainPattern =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[a-fA-F0-9:]+\])(?::\d+)?$/
const pathPattern = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/
const tagPattern = /^\w[\w.-]{0,127}$/
const digestPattern = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-fA-F]{32,}$/

const invalid = (why: string) => new EngineError('invalid', `invalid reference format${why}`)

function splitDomain(name: string): { domain: string; path: string } {
  const slash = name.indexOf('/')
  const first = slash < 0 ? '' : name.slice(0, slash)
  const isHost = slash >= 0 && (/[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first)
  const domain = !isHost || first === 'index.docker.io' ? 'docker.io' : first
  const rest = isHost ? name.slice(slash + 1) : name
  return { domain, path: domain === 'docker.io' && !rest.includes('/') ? `library/${rest}` : rest }
}

/**
 * Takes apart what a user typed; adds Docker Hub and `library/`, but no tag.
 *
 * @throws EngineError `invalid` with Docker's text
 */
export function parseReference(text: string): Reference {
  if (/^[0-9a-f]{64}$/.test(text)) throw invalid(`: cannot specify 64-byte hexadecimal strings`)
  const at = text.indexOf('@')
  const digest = at < 0 ? undefined : text.slice(at + 1)
  const named = at < 0 ? text : text.slice(0, at)
  const colon = named.lastIndexOf(':')
  const tag = colon > named.lastIndexOf('/') ? named.slice(colon + 1) : undefined
  const { domain, path } = splitDomain(tag === undefined ? named : named.slice(0, colon))
  if (path.toLowerCase() !== path) throw invalid(`: repository name (${path}) must be lowercase`)
  if (!domainPattern.test(domain) || !pathPattern.test(path)) throw invalid('')
  if (tag !== undefined && !tagPattern.test(tag)) throw invalid('')
  if (digest !== undefined && !digestPattern.test(digest)) throw invalid('')
  if (domain.length + path.length + 1 > 255) throw invalid(': repository name must not be more than 255 characters')
  return { domain, path, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) }
}

/** Adds `latest` where there is neither tag nor digest. */
export const withDefaultTag = (reference: Reference): Reference =>
  reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: 'latest' } : reference

const suffix = ({ tag, digest }: Reference): string => `${tag ? `:${tag}` : ''}${digest ? `@${digest}` : ''}`

/** The repository in full, `docker.io/library/x`. */
export const repositoryOf = ({ domain, path }: Reference): string => `${domain}/${path}`

/** In full: `docker.io/library/x:latest`. */
export const formatReference = (reference: Reference): string => `${repositoryOf(reference)}${suffix(reference)}`

/** The repository as people write it: `x`, `user/x`, `host:5000/x`. */
export const familiarName = ({ domain, path }: Reference): string =>
  domain === 'docker.io' ? path.replace(/^library\/(?=[^/]+$)/, '') : `${domain}/${path}`

/** As people write it: `x:latest`. */
export const formatFamiliar = (reference: Reference): string => `${familiarName(reference)}${suffix(reference)}`
