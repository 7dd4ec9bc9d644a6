import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { BuildOptions } from '../../spec/engine-api/build-verbs.ts'
import type { OnProgress } from '../../spec/engine-api/engine.ts'
import type { Attributes, BuildClient, ExportRequest, SolveProgress } from '../../spec/engine-api/solver.ts'
import { BodyClient } from './body-client.ts'
import type { BuildKitDeps } from './control.ts'
import { shownAttributes, toRecord } from './history.ts'
import { Job } from './job.ts'
import { toStatus } from './progress.ts'
import { statusResponse } from './wire/control.ts'

/** What `POST /build` says besides what both builders know. */
export interface BuildKitWish {
  readonly session: string | undefined
  readonly buildId: string | undefined
  readonly outputs: readonly { readonly Type: string; readonly Attrs?: Attributes | null }[]
}

export type BuildOverHttp = (
  options: BuildOptions,
  wish: BuildKitWish,
  body: Readable,
  send: OnProgress,
) => Promise<void>

const uploaded = 'http://buildkit-session/context'

/**
 * `POST /build?version=2`: BuildKit with its context in the body, or from a session, and its progress within the
 * classic stream. What goes wrong is the last message.
 */
export const buildOverHttp =
  ({ solver, sessions, jobs }: BuildKitDeps): BuildOverHttp =>
  async (options, { session, buildId, outputs }, body, send) => {
    const { auths, remote, signal = new AbortController().signal } = options
    const inner = session ? await sessions.get(session) : undefined
    const client: BuildClient = new BodyClient(inner, body, auths ?? new Map())
    const isInBody = remote === undefined || remote === 'upload-request'
    if (!isInBody) body.resume()
    await using job = new Job(client, signal)
    const report = (progress: SolveProgress) => {
      job.report(progress)
      const aux = Buffer.from(statusResponse.encode(toStatus(progress))).toString('base64')
      send({ id: 'moby.buildkit.trace', aux })
    }
    const exports = exportsOf(options, outputs)
    const attributes = attributesOf(options, isInBody ? uploaded : remote === 'client-session' ? undefined : remote)
    const build = {
      ref: buildId || randomUUID(),
      frontend: 'dockerfile.v0',
      attributes: shownAttributes(attributes),
      exports,
      createdAt: Date.now(),
    }
    using _entry = jobs.add(build, job)
    const finish = (outcome: Parameters<typeof toRecord>[2]) => {
      const record = toRecord(build, job.reported, outcome)
      solver.history.add(record, job.reported)
      jobs.ended(record)
    }
    try {
      const request = {
        frontend: 'dockerfile.v0',
        options: attributes,
        cacheImports: [],
        entitlements: networkOf(options),
        signal: job.signal,
      }
      const solved = job.add(await job.run(solver.solve(request, client, report)))
      const response = await job.run(solver.export(solved, exports, [], client, report, { signal: job.signal }))
      finish({ response, solved })
      const id = response['containerimage.config.digest']
      if (id) send({ id: 'moby.image.id', aux: { ID: id } })
    } catch (error) {
      finish({ error })
      throw error
    }
  }

/** Whoever asks the engine for the host's network has it. */
const networkOf = ({ networkMode }: BuildOptions): readonly string[] => (networkMode === 'host' ? ['network.host'] : [])

function exportsOf({ tags }: BuildOptions, outputs: BuildKitWish['outputs']): readonly ExportRequest[] {
  if (outputs.length > 0) return outputs.map(({ Type, Attrs }) => ({ type: Type, attributes: Attrs ?? {} }))
  return [{ type: 'moby', attributes: tags.length > 0 ? { name: tags.join(',') } : {} }]
}

function attributesOf(options: BuildOptions, context: string | undefined): Attributes {
  const { buildArgs = {}, labels = {}, extraHosts = [], ulimits, cacheFrom = [] } = options
  const given = Object.entries(buildArgs).flatMap(([key, value]) =>
    value === null ? [] : [[`build-arg:${key}`, value]],
  )
  const optional = (key: string, value: string | number | undefined) =>
    value === undefined ? {} : { [key]: `${value}` }
  return {
    filename: options.dockerfile ?? 'Dockerfile',
    ...Object.fromEntries(given),
    ...Object.fromEntries(Object.entries(labels).map(([key, value]) => [`label:${key}`, value])),
    ...optional('context', context),
    ...optional('target', options.target),
    ...optional('platform', options.platform),
    ...optional('shm-size', options.shmSize),
    ...optional('cgroup-parent', options.cgroupParent),
    ...(options.noCache ? { 'no-cache': '' } : {}),
    ...(options.pull ? { 'image-resolve-mode': 'pull' } : {}),
    ...(options.networkMode ? { 'force-network-mode': options.networkMode } : {}),
    ...(extraHosts.length ? { 'add-hosts': extraHosts.map(each => each.replace(':', '=')).join(',') } : {}),
    ...(cacheFrom.length ? { 'cache-from': cacheFrom.join(',') } : {}),
    ...(ulimits?.length ? { ulimit: ulimits.map(({ Name, Soft, Hard }) => `${Name}=${Soft}:${Hard}`).join(',') } : {}),
  }
}
