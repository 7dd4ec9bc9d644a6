import { PassThrough, type Readable } from 'node:stream'
import { EngineError } from '../../base/errors.ts'
import type { Engine, PathStat } from '../../spec/engine-api/engine.ts'
import { boolQuery } from '../query.ts'
import { type Route, route } from '../route.ts'

const statHeader = (stat: PathStat) => ({
  'X-Docker-Container-Path-Stat': Buffer.from(JSON.stringify(stat)).toString('base64'),
})

function pathQuery(query: URLSearchParams): string {
  const path = query.get('path')
  if (!path) throw new EngineError('invalid', 'bad parameter: pathcannot be empty')
  return path
}

/** `docker cp`. Spec: https://docs.docker.com/reference/api/engine/version/v1.51/#tag/Container/operation/ContainerArchive */
export const archiveRoutes = ({ containers }: Pick<Engine, 'containers'>): readonly Route[] => [
  route('HEAD', '/containers/{id}/archive', async ({ params, query }) => ({
    status: 200,
    headers: statHeader(await containers.statPath(params.id!, pathQuery(query))),
  })),
  route('GET', '/containers/{id}/archive', async ({ params, query }) => {
    const { stat, tar } = await containers.getArchive(params.id!, pathQuery(query))
    return { stream: tar, contentType: 'application/x-tar', headers: statHeader(stat) }
  }),
  route('PUT', '/containers/{id}/archive', async ({ params, query, body }) => {
    const options = {
      noOverwriteDirNonDir: boolQuery(query, 'noOverwriteDirNonDir'),
      copyUidGid: boolQuery(query, 'copyUIDGID'),
    }
    // what is left of a refused archive is read and dropped: its sender hears the answer only when it has sent all
    const request = body as Readable
    const archive = request.pipe(new PassThrough())
    request.once('close', () => request.readableEnded || archive.destroy(new Error('unexpected EOF')))
    try {
      await containers.putArchive(params.id!, pathQuery(query), archive, options)
    } finally {
      request.unpipe(archive)
      request.resume()
    }
    return { status: 200 }
  }),
]
