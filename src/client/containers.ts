import { EngineError } from '../base/errors.ts'
import { parseJson } from '../base/json.ts'
import type { ContainerWaitResponse } from '../spec/engine-api/container.ts'
import type { ContainerStatsResponse } from '../spec/engine-api/container-stats.ts'
import type { CheckpointSummary, ContainerVerbs, PathStat } from '../spec/engine-api/engine.ts'
import { encodeFilters, flag, seconds } from './encode.ts'
import { type HttpResponse, objectsOf, textOf, toReadable } from './http.ts'
import type { Session } from './session.ts'

/** JSON of a whole body. */
export const jsonOf = async <T>(answer: HttpResponse): Promise<T> => parseJson(await textOf(answer.body)) as T

export const finished = async (answer: Promise<HttpResponse>): Promise<void> => void (await textOf((await answer).body))

function pathStat(answer: HttpResponse): PathStat {
  const header = answer.headers.get('x-docker-container-path-stat')
  if (!header) throw new EngineError('internal', 'unable to decode container path stat header: unexpected EOF')
  return JSON.parse(Buffer.from(header, 'base64').toString()) as PathStat
}

const lifeCycle = (session: Session) => {
  const post = (path: string, query = {}, body?: object) =>
    finished(session.request({ method: 'POST', path: `/containers/${path}`, query, body }))
  const stopping =
    (verb: string) =>
    (id: string, options: { timeoutSeconds?: number | undefined; signalName?: string | undefined } = {}) =>
      post(`${id}/${verb}`, { signal: options.signalName || undefined, t: options.timeoutSeconds?.toString() })
  return {
    start: (id, options = {}) =>
      post(`${id}/start`, {
        checkpoint: options.checkpoint || undefined,
        'checkpoint-dir': options.checkpointDir || undefined,
      }),
    stop: stopping('stop'),
    restart: stopping('restart'),
    kill: (id, signal) => post(`${id}/kill`, { signal }),
    pause: id => post(`${id}/pause`),
    unpause: id => post(`${id}/unpause`),
    rename: (id, name) => post(`${id}/rename`, { name }),
    resize: (id, { height, width }) => post(`${id}/resize`, { h: String(height), w: String(width) }),
  } satisfies Partial<ContainerVerbs>
}

const streams = (session: Session) =>
  ({
    async wait(id, condition, { signal } = {}) {
      const query = condition === 'not-running' ? {} : { condition }
      const answer = await session.request({ method: 'POST', path: `/containers/${id}/wait`, query, signal })
      const exit = jsonOf<ContainerWaitResponse>(answer)
      exit.catch(() => {}) // whoever awaits it still sees the failure
      return { exit }
    },
    async attach(id, { detachKeys, logs, stderr, stdin, stdout, stream }) {
      const query = {
        detachKeys: detachKeys || undefined,
        logs: flag(logs),
        stderr: flag(stderr),
        stdin: flag(stdin),
        stdout: flag(stdout),
        stream: flag(stream),
      }
      const hijacked = await session.hijack({ method: 'POST', path: `/containers/${id}/attach`, query })
      return { stream: hijacked, tty: false }
    },
    async logs(id, { details, follow, signal, since, stderr, stdout, tail, timestamps, until }) {
      const query = {
        details: flag(details),
        follow: flag(follow),
        since: seconds(since),
        stderr: flag(stderr),
        stdout: flag(stdout),
        tail: tail === undefined ? 'all' : String(tail),
        timestamps: flag(timestamps),
        until: seconds(until),
      }
      const answer = await session.request({ method: 'GET', path: `/containers/${id}/logs`, query, signal })
      return {
        stream: toReadable(answer.body),
        tty: answer.headers.get('content-type') === 'application/vnd.docker.raw-stream',
      }
    },
    async stats(id, { oneShot, signal, stream }) {
      const query = { 'one-shot': flag(oneShot), stream: stream ? '1' : '0' }
      const answer = await session.request({ method: 'GET', path: `/containers/${id}/stats`, query, signal })
      return objectsOf(answer.body) as AsyncIterable<ContainerStatsResponse>
    },
    async exportTar(id) {
      return toReadable((await session.request({ method: 'GET', path: `/containers/${id}/export` })).body)
    },
  }) satisfies Partial<ContainerVerbs>

const checkpoints = (session: Session) =>
  ({
    createCheckpoint(id, { directory = '', exit, name }) {
      const body = { CheckpointID: name, CheckpointDir: directory, Exit: exit }
      return finished(session.request({ method: 'POST', path: `/containers/${id}/checkpoints`, body }))
    },
    async listCheckpoints(id, directory) {
      const query = { dir: directory || undefined }
      const answer = await session.request({ method: 'GET', path: `/containers/${id}/checkpoints`, query })
      return (await jsonOf<readonly CheckpointSummary[] | null>(answer)) ?? []
    },
    removeCheckpoint(id, name, directory) {
      const query = { dir: directory || undefined }
      return finished(session.request({ method: 'DELETE', path: `/containers/${id}/checkpoints/${name}`, query }))
    },
  }) satisfies Partial<ContainerVerbs>

const archives = (session: Session) =>
  ({
    async statPath(id, path) {
      return pathStat(await session.request({ method: 'HEAD', path: `/containers/${id}/archive`, query: { path } }))
    },
    async getArchive(id, path) {
      const answer = await session.request({ method: 'GET', path: `/containers/${id}/archive`, query: { path } })
      return { stat: pathStat(answer), tar: toReadable(answer.body) }
    },
    putArchive(id, path, tar, { copyUidGid, noOverwriteDirNonDir }) {
      const query = {
        copyUIDGID: copyUidGid ? 'true' : undefined,
        noOverwriteDirNonDir: noOverwriteDirNonDir ? 'true' : undefined,
        path,
      }
      return finished(session.request({ method: 'PUT', path: `/containers/${id}/archive`, query, body: tar }))
    },
  }) satisfies Partial<ContainerVerbs>

export const containerVerbs = (session: Session): ContainerVerbs => ({
  ...lifeCycle(session),
  ...streams(session),
  ...checkpoints(session),
  ...archives(session),
  async create({ config, hostConfig, name, networkingConfig, platform }) {
    const query = { name: name || undefined, platform: platform || undefined }
    const body = { ...config, HostConfig: hostConfig, NetworkingConfig: networkingConfig }
    return jsonOf(await session.request({ method: 'POST', path: '/containers/create', query, body }))
  },
  async list({ all, filters, limit, size }) {
    const query = {
      all: flag(all),
      filters: encodeFilters(filters),
      limit: limit !== undefined && limit > 0 ? String(limit) : undefined,
      size: flag(size),
    }
    return jsonOf(await session.request({ method: 'GET', path: '/containers/json', query }))
  },
  async inspect(id, options = {}) {
    const query = { size: flag(options.size) }
    return jsonOf(await session.request({ method: 'GET', path: `/containers/${id}/json`, query }))
  },
  async update(id, changes) {
    return jsonOf(await session.request({ method: 'POST', path: `/containers/${id}/update`, body: changes }))
  },
  remove: (id, { force, link, volumes }) => {
    const query = { force: flag(force), link: flag(link), v: flag(volumes) }
    return finished(session.request({ method: 'DELETE', path: `/containers/${id}`, query }))
  },
  async prune(filters) {
    const query = { filters: encodeFilters(filters) }
    const answer = await session.request({ method: 'POST', path: '/containers/prune', query })
    const report = await jsonOf<{ ContainersDeleted: string[] | null; SpaceReclaimed: number }>(answer)
    return { deleted: report.ContainersDeleted, spaceReclaimed: report.SpaceReclaimed }
  },
  async top(id, psArgs) {
    const query = { ps_args: psArgs || undefined }
    return jsonOf(await session.request({ method: 'GET', path: `/containers/${id}/top`, query }))
  },
  async changes(id) {
    return jsonOf(await session.request({ method: 'GET', path: `/containers/${id}/changes` }))
  },
})
