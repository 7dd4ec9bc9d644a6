import type { ContainerConfig } from '../../spec/engine-api/container.ts'
import type { Engine } from '../../spec/engine-api/engine.ts'
import { readJson } from '../body.ts'
import { adaptImage, adaptImageSummary, uncounted } from '../compat/images.ts'
import { boolQuery, decodeAuth, filtersQuery, intQuery, platformsQuery } from '../query.ts'
import { type Route, route } from '../route.ts'
import { createShape } from '../shapes.ts'

const text = (query: URLSearchParams, name: string): string => query.get(name) ?? ''

/** Spec: https://docs.docker.com/reference/api/engine/version/v1.51/#tag/Image */
export const imageRoutes = ({ images }: Pick<Engine, 'images'>): readonly Route[] => [
  route('GET', '/images/json', async ({ query, version }) => {
    const list = await images.list({
      all: boolQuery(query, 'all'),
      filters: filtersQuery(query),
      sharedSize: boolQuery(query, 'shared-size'),
      digests: boolQuery(query, 'digests'),
      manifests: boolQuery(query, 'manifests'),
    })
    return { json: list.map(image => adaptImageSummary(uncounted(image, version), version)) }
  }),
  route('POST', '/images/create', async ({ query, headers, body, signal }) => {
    const platform = query.get('platform') || undefined
    const fromSrc = query.get('fromSrc')
    if (!fromSrc) {
      const auth = decodeAuth(headers['x-registry-auth'])
      const request = {
        fromImage: text(query, 'fromImage'),
        tag: query.get('tag') ?? undefined,
        platform,
        auth,
        signal,
      }
      return { progress: send => images.pull(request, send) }
    }
    const options = {
      repo: text(query, 'repo'),
      tag: text(query, 'tag'),
      message: text(query, 'message'),
      changes: query.getAll('changes'),
      platform,
      signal,
    }
    return { progress: send => images.import(fromSrc === '-' ? body : fromSrc, options, send) }
  }),
  route('POST', '/images/load', async ({ query, body, signal }) => {
    const options = { quiet: boolQuery(query, 'quiet'), platforms: platformsQuery(query, 'platform'), signal }
    return { progress: send => images.load(body, options, send), early: true }
  }),
  route('POST', '/images/prune', async ({ query }) => {
    const { deleted, spaceReclaimed } = await images.prune(filtersQuery(query))
    return { json: { ImagesDeleted: deleted, SpaceReclaimed: spaceReclaimed } }
  }),
  route('GET', '/images/search', async ({ query, headers }) => ({
    json: await images.search(text(query, 'term'), {
      limit: intQuery(query, 'limit'),
      filters: filtersQuery(query),
      auth: decodeAuth(headers['x-registry-auth']),
    }),
  })),
  route('GET', '/images/get', async ({ query }) => ({
    stream: await images.save(query.getAll('names'), { platforms: platformsQuery(query, 'platform') }),
    contentType: 'application/x-tar',
  })),
  route('GET', '/images/{name*}/get', async ({ params, query }) => ({
    stream: await images.save([params.name!], { platforms: platformsQuery(query, 'platform') }),
    contentType: 'application/x-tar',
  })),
  route('GET', '/images/{name*}/json', async ({ params, query, version }) => {
    const platform = platformsQuery(query, 'platform')[0]
    const image = await images.inspect(params.name!, { platform, manifests: boolQuery(query, 'manifests') })
    return { json: adaptImage(image, version) }
  }),
  route('GET', '/images/{name*}/history', async ({ params, query }) => ({
    json: await images.history(params.name!, { platform: platformsQuery(query, 'platform')[0] }),
  })),
  route('POST', '/images/{name*}/push', async ({ params, query, headers, signal }) => {
    const options = {
      tag: query.get('tag') ?? undefined,
      platform: platformsQuery(query, 'platform')[0],
      auth: decodeAuth(headers['x-registry-auth']),
      signal,
    }
    return { progress: send => images.push(params.name!, options, send) }
  }),
  route('POST', '/images/{name*}/tag', async ({ params, query }) => {
    await images.tag(params.name!, text(query, 'repo'), text(query, 'tag'))
    return { status: 201 }
  }),
  route('DELETE', '/images/{name*}', async ({ params, query }) => ({
    json: await images.remove(params.name!, {
      force: boolQuery(query, 'force'),
      noPrune: boolQuery(query, 'noprune'),
      platforms: platformsQuery(query, 'platforms'),
    }),
  })),
  route('POST', '/commit', async call => {
    const { query } = call
    const config =
      (await readJson<ContainerConfig | null | undefined>(call, {
        optional: true,
        mayBeBlank: true,
        shape: createShape,
      })) ?? undefined
    const options = {
      repo: text(query, 'repo'),
      tag: text(query, 'tag'),
      comment: text(query, 'comment'),
      author: text(query, 'author'),
    }
    const json = await images.commit({
      container: text(query, 'container'),
      ...options,
      pause: boolQuery(query, 'pause', true),
      changes: query.getAll('changes'),
      config,
    })
    return { status: 201, json }
  }),
  route('GET', '/distribution/{name*}/json', async ({ params, headers }) => ({
    json: await images.distribution(params.name!, decodeAuth(headers['x-registry-auth'])),
  })),
]
