import type { ImageVerbs } from '../spec/engine-api/engine.ts'
import { jsonOf } from './containers.ts'
import { encodeAuth, encodeFilters, flag } from './encode.ts'
import { objectsOf, textOf, toReadable } from './http.ts'
import { reportProgress } from './progress.ts'
import type { Session } from './session.ts'

/** `linux/arm64/v8` as the JSON that newer endpoints take. */
const platformJson = (platform: string): string => {
  const [os, architecture, variant] = platform.split('/')
  return JSON.stringify({ architecture: architecture ?? '', os, ...(variant ? { variant } : {}) })
}

const platformsJson = (platforms: readonly string[] | undefined): readonly string[] | undefined =>
  platforms?.length ? platforms.map(platformJson) : undefined

const transfers = (session: Session) =>
  ({
    async pull({ auth, fromImage, platform, signal, tag }, progress) {
      const query = { fromImage, platform: platform?.toLowerCase() || undefined, tag: tag || undefined }
      const headers = { 'X-Registry-Auth': encodeAuth(auth) }
      const answer = await session.request({ method: 'POST', path: '/images/create', query, headers, signal })
      await reportProgress(objectsOf(answer.body), progress)
    },
    async push(name, { auth, platform, signal, tag }, progress) {
      const query = { platform: platform ? platformJson(platform) : undefined, tag: tag || undefined }
      const headers = { 'X-Registry-Auth': encodeAuth(auth) }
      const answer = await session.request({
        method: 'POST',
        path: `/images/${name}/push`,
        query,
        headers,
        body: {},
        signal,
      })
      await reportProgress(objectsOf(answer.body), progress)
    },
    async save(names, options = {}) {
      const query = { names, platform: platformsJson(options.platforms) }
      return toReadable((await session.request({ method: 'GET', path: '/images/get', query })).body)
    },
    async load(tar, { platforms, quiet, signal }, progress) {
      const query = { platform: platformsJson(platforms), quiet: quiet ? '1' : '0' }
      const headers = { 'Content-Type': 'application/x-tar' }
      const answer = await session.request({ method: 'POST', path: '/images/load', query, headers, body: tar, signal })
      await reportProgress(objectsOf(answer.body), progress)
    },
    async import(source, { changes, message, platform, repo, signal, tag }, progress) {
      const query = {
        changes: changes.length ? changes : undefined,
        fromSrc: typeof source === 'string' ? source : '-',
        message: message || undefined,
        platform: platform?.toLowerCase() || undefined,
        repo: repo || undefined,
        tag: tag || undefined,
      }
      const body = typeof source === 'string' ? undefined : source
      const answer = await session.request({ method: 'POST', path: '/images/create', query, body, signal })
      await reportProgress(objectsOf(answer.body), progress)
    },
  }) satisfies Partial<ImageVerbs>

export const imageVerbs = (session: Session): ImageVerbs => ({
  ...transfers(session),
  async list({ all, filters, manifests, sharedSize }) {
    const query = {
      all: flag(all),
      filters: encodeFilters(filters),
      manifests: flag(manifests),
      'shared-size': flag(sharedSize),
    }
    return jsonOf(await session.request({ method: 'GET', path: '/images/json', query }))
  },
  async inspect(name, options = {}) {
    const query = {
      manifests: flag(options.manifests),
      platform: options.platform ? platformJson(options.platform) : undefined,
    }
    return jsonOf(await session.request({ method: 'GET', path: `/images/${name}/json`, query }))
  },
  async history(name, options = {}) {
    const query = { platform: options.platform ? platformJson(options.platform) : undefined }
    return jsonOf(await session.request({ method: 'GET', path: `/images/${name}/history`, query }))
  },
  async tag(name, repo, tag) {
    const query = { repo, tag: tag || undefined }
    await textOf((await session.request({ method: 'POST', path: `/images/${name}/tag`, query })).body)
  },
  async remove(name, { force, noPrune, platforms }) {
    const query = { force: flag(force), noprune: flag(noPrune), platforms: platformsJson(platforms) }
    return jsonOf(await session.request({ method: 'DELETE', path: `/images/${name}`, query }))
  },
  async prune(filters) {
    const query = { filters: encodeFilters(filters) }
    const answer = await session.request({ method: 'POST', path: '/images/prune', query })
    type Deleted = Awaited<ReturnType<ImageVerbs['prune']>>['deleted']
    const report = await jsonOf<{ ImagesDeleted: Deleted; SpaceReclaimed: number }>(answer)
    return { deleted: report.ImagesDeleted, spaceReclaimed: report.SpaceReclaimed }
  },
  async commit({ author, changes, comment, config, container, pause, repo, tag }) {
    const query = {
      author,
      changes: changes.length ? changes : undefined,
      comment,
      container,
      pause: pause ? undefined : '0',
      repo,
      tag,
    }
    return jsonOf(await session.request({ method: 'POST', path: '/commit', query, body: config }))
  },
  async search(term, { auth, filters, limit }) {
    const query = { filters: encodeFilters(filters), limit: limit ? String(limit) : undefined, term }
    const headers = { 'X-Registry-Auth': encodeAuth(auth) }
    return jsonOf(await session.request({ method: 'GET', path: '/images/search', query, headers }))
  },
  async distribution(name, auth) {
    const headers = auth ? { 'X-Registry-Auth': encodeAuth(auth) } : {}
    return jsonOf(await session.request({ method: 'GET', path: `/distribution/${name}/json`, headers }))
  },
})
