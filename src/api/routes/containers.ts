import { EngineError } from '../../base/errors.ts'
import type { ContainerConfig, HostConfig } from '../../spec/engine-api/container.ts'
import type { Engine, WaitCondition } from '../../spec/engine-api/engine.ts'
import type { NetworkingConfig } from '../../spec/engine-api/network.ts'
import { readJson } from '../body.ts'
import { adaptInspect, adaptSummary } from '../compat/containers.ts'
import { adaptCreate } from '../compat/create.ts'
import { adaptUpdate } from '../compat/update.ts'
import { boolQuery, filtersQuery, intQuery, sizeQuery, tailQuery, timestampQuery } from '../query.ts'
import { type Route, route } from '../route.ts'
import { configNames, createShape, updateShape } from '../shapes.ts'
import { streamType } from '../stream-type.ts'
import { atLeast } from '../versions.ts'

type CreateBody = ContainerConfig & {
  readonly HostConfig?: HostConfig | null
  readonly NetworkingConfig?: NetworkingConfig | null
}

const stopOptions = (query: URLSearchParams, version: string) => ({
  timeoutSeconds: intQuery(query, 't'),
  signalName: atLeast(version, '1.42') ? (query.get('signal') ?? undefined) : undefined,
})

/** Of logs; what else is wrong is told before bad times, so `lookFirst` is called when they are. */
async function timesOf(query: URLSearchParams, lookFirst: () => Promise<void>) {
  try {
    return { since: timestampQuery(query, 'since') || undefined, until: timestampQuery(query, 'until') || undefined }
  } catch (error) {
    await lookFirst()
    throw error
  }
}

const conditions = ['', 'not-running', 'next-exit', 'removed']

/** Spec: https://docs.docker.com/reference/api/engine/version/v1.51/#tag/Container */
export const containerRoutes = (
  { containers }: Pick<Engine, 'containers'>,
  isExperimental: boolean,
): readonly Route[] => [
  route('GET', '/containers/json', async ({ query, version }) => {
    const list = await containers.list({
      filters: filtersQuery(query),
      all: boolQuery(query, 'all'),
      limit: intQuery(query, 'limit'),
      size: boolQuery(query, 'size'),
    })
    return { json: list.map(summary => adaptSummary(summary, version)) }
  }),
  route('POST', '/containers/create', async call => {
    const body = (await readJson<CreateBody | null>(call, { shape: createShape })) ?? {}
    const { HostConfig: hostConfig, NetworkingConfig: networkingConfig, ...fields } = body
    const config = Object.fromEntries(Object.entries(fields).filter(([name]) => configNames.includes(name)))
    const platform = call.query.get('platform') ?? undefined
    const { wish, warnings } = adaptCreate(
      { config, hostConfig: hostConfig ?? {}, networkingConfig: networkingConfig ?? {}, platform },
      call.version,
    )
    const made = await containers.create({
      ...wish,
      name: call.query.get('name') ?? undefined,
      apiVersion: call.version,
    })
    return { status: 201, json: { ...made, Warnings: [...(made.Warnings ?? []), ...warnings] } }
  }),
  route('POST', '/containers/prune', async ({ query }) => {
    const { deleted, spaceReclaimed } = await containers.prune(filtersQuery(query))
    return { json: { ContainersDeleted: deleted, SpaceReclaimed: spaceReclaimed } }
  }),
  route('GET', '/containers/{id}/json', async ({ params, query, version }) => ({
    json: adaptInspect(await containers.inspect(params.id!, { size: boolQuery(query, 'size') }), version),
  })),
  route('POST', '/containers/{id}/start', async ({ params, headers, query }) => {
    if (Number(headers['content-length'] ?? 0) > 7 || headers['transfer-encoding']) {
      throw new EngineError(
        'invalid',
        'starting container with non-empty request body was deprecated since API v1.22 and removed in v1.24',
      )
    }
    const checkpoint = query.get('checkpoint') ?? ''
    const checkpointDir = query.get('checkpoint-dir') ?? ''
    if (checkpoint && !isExperimental)
      throw new EngineError('invalid', 'checkpoint is only supported in experimental mode')
    await containers.start(params.id!, { checkpoint, checkpointDir })
    return { status: 204 }
  }),
  route('POST', '/containers/{id}/stop', async ({ params, query, version }) => {
    await containers.stop(params.id!, stopOptions(query, version))
    return { status: 204 }
  }),
  route('POST', '/containers/{id}/restart', async ({ params, query, version }) => {
    await containers.restart(params.id!, stopOptions(query, version))
    return { status: 204 }
  }),
  route('POST', '/containers/{id}/kill', async ({ params, query }) => {
    await containers.kill(params.id!, query.get('signal') ?? undefined)
    return { status: 204 }
  }),
  route('POST', '/containers/{id}/pause', async ({ params }) => {
    await containers.pause(params.id!)
    return { status: 204 }
  }),
  route('POST', '/containers/{id}/unpause', async ({ params }) => {
    await containers.unpause(params.id!)
    return { status: 204 }
  }),
  route('POST', '/containers/{id}/rename', async ({ params, query }) => {
    await containers.rename(params.id!, query.get('name') ?? '')
    return { status: 204 }
  }),
  route('POST', '/containers/{id}/update', async call => {
    const wish = await readJson<Record<string, unknown> | null | undefined>(call, {
      shape: updateShape,
      name: 'UpdateConfig',
      optional: true,
    })
    return { json: await containers.update(call.params.id!, adaptUpdate(wish ?? {}, call.version)) }
  }),
  route('POST', '/containers/{id}/resize', async call => {
    await containers.resize(call.params.id!, sizeQuery(call.query))
    return { status: 200 }
  }),
  route('POST', '/containers/{id}/wait', async ({ params, query, signal, version }) => {
    const condition = atLeast(version, '1.30') ? (query.get('condition') ?? '') : ''
    if (!conditions.includes(condition)) throw new EngineError('invalid', `invalid condition: "${condition}"`)
    const { exit } = await containers.wait(params.id!, (condition || 'not-running') as WaitCondition, { signal })
    return atLeast(version, '1.30') ? { later: exit } : { json: await exit }
  }),
  route('DELETE', '/containers/{id*}', async ({ params, query }) => {
    await containers.remove(params.id!, {
      force: boolQuery(query, 'force'),
      volumes: boolQuery(query, 'v'),
      link: boolQuery(query, 'link'),
    })
    return { status: 204 }
  }),
  route(
    'POST',
    '/containers/{id}/attach',
    async ({ params, query, signal }) => {
      const wants = (name: string) => boolQuery(query, name)
      const { stream, tty } = await containers.attach(params.id!, {
        logs: wants('logs'),
        stream: wants('stream'),
        stdin: wants('stdin'),
        stdout: wants('stdout'),
        stderr: wants('stderr'),
        detachKeys: query.get('detachKeys') ?? undefined,
        signal,
      })
      return { hijack: stream, tty }
    },
    { plainErrors: true },
  ),
  route('GET', '/containers/{id}/attach/ws', async ({ params, query, signal, headers }) => {
    await containers.inspect(params.id!)
    if (headers.upgrade?.toLowerCase() !== 'websocket')
      return { status: 400, text: 'not websocket protocol', contentType: '' }
    const wants = (name: string) => boolQuery(query, name)
    const { stream } = await containers.attach(params.id!, {
      logs: wants('logs'),
      stream: wants('stream'),
      stdin: wants('stdin'),
      stdout: wants('stdout'),
      stderr: wants('stderr'),
      detachKeys: query.get('detachKeys') ?? undefined,
      raw: true,
      signal,
    })
    return { websocket: stream }
  }),
  route('GET', '/containers/{id}/logs', async call => {
    const { params, query, signal, version } = call
    const [stdout, stderr] = [boolQuery(query, 'stdout'), boolQuery(query, 'stderr')]
    const lookFirst = async () => {
      if (stdout || stderr) await containers.inspect(params.id!)
    }
    const times = await timesOf(query, lookFirst)
    const { stream, tty } = await containers.logs(params.id!, {
      stdout,
      stderr,
      follow: boolQuery(query, 'follow'),
      timestamps: boolQuery(query, 'timestamps'),
      details: boolQuery(query, 'details'),
      ...times,
      tail: tailQuery(query),
      signal,
    })
    return { stream, contentType: streamType(tty, version) }
  }),
  route('GET', '/containers/{id}/top', async ({ params, query }) => ({
    json: await containers.top(params.id!, query.get('ps_args') ?? ''),
  })),
  route('GET', '/containers/{id}/changes', async ({ params }) => ({ json: await containers.changes(params.id!) })),
  route('GET', '/containers/{id}/stats', async ({ params, query, signal, version }) => {
    const stream = boolQuery(query, 'stream', true)
    const oneShot = atLeast(version, '1.41') && boolQuery(query, 'one-shot')
    if (stream && oneShot) throw new EngineError('invalid', 'cannot have stream=true and one-shot=true')
    return { lines: await containers.stats(params.id!, { stream, oneShot, signal }) }
  }),
  route('GET', '/containers/{id}/export', async ({ params }) => ({
    stream: await containers.exportTar(params.id!),
    contentType: 'application/octet-stream',
  })),
]
