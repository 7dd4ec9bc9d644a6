import { bridge } from './bridge.ts'
import type { BuildKitDeps } from './control.ts'
import { type Call, type Handlers, unary } from './grpc/server.ts'
import * as wire from './wire/gateway.ts'
import { type DecodedOf, empty } from './wire/message.ts'
import type { platform } from './wire/pb.ts'

/** What frontends ask of the bridge beside builds: images by their names, their own inputs, warnings to be passed on. */
export function bridgeMetaHandlers({ solver, jobs }: BuildKitDeps): Handlers {
  const jobOf = ({ metadata }: Call) => jobs.get(String(metadata['buildkit-controlapi-buildid'] ?? ''))
  const resolve = async (call: Call, name: string, given: DecodedOf<typeof platform> | undefined, mode: string) => {
    const job = await jobOf(call)
    const platform = given?.OS ? [given.OS, given.Architecture, given.Variant].filter(Boolean).join('/') : undefined
    const signal = AbortSignal.any([job.signal, call.signal])
    return job.run(solver.resolveImage({ name, platform, pull: mode === 'pull', signal }, job.client, job.report))
  }

  return {
    [`${bridge}/Inputs`]: unary(empty, wire.inputsResponse, async (_, call) => ({
      Definitions: (await jobOf(call)).inputs as never, // decoded, a map may lack what an encoder would not write
    })),
    [`${bridge}/Warn`]: unary(
      wire.warnRequest,
      empty,
      async ({ digest, level, short, detail, url, info, ranges }, call) => {
        const source = info && {
          fileName: info.filename,
          text: Buffer.from(info.data).toString('utf8'),
          ranges: ranges.map(({ start, end }) => ({ start: start?.line ?? 0, end: end?.line ?? 0 })),
        }
        const [text, details] = [
          Buffer.from(short).toString('utf8'),
          detail.map(each => Buffer.from(each).toString('utf8')),
        ]
        ;(await jobOf(call)).report({
          warnings: [{ vertex: digest, level, short: text, detail: details, url, source }],
        })
        return {}
      },
    ),
    [`${bridge}/ResolveImageConfig`]: unary(
      wire.resolveImageRequest,
      wire.resolveImageResponse,
      async (request, call) => {
        const { digest, config } = await resolve(call, request.Ref, request.Platform, request.ResolveMode)
        return { Digest: digest, Config: config, Ref: request.Ref }
      },
    ),
    [`${bridge}/ResolveSourceMeta`]: unary(
      wire.resolveSourceRequest,
      wire.resolveSourceResponse,
      async (request, call) => {
        const { identifier = '' } = request.Source ?? {}
        const source = { identifier, attributes: request.Source?.attributes ?? {} }
        if (!identifier.startsWith('docker-image://')) return { Source: source }
        const name = identifier.slice('docker-image://'.length)
        const { digest, config } = await resolve(call, name, request.Platform, request.ResolveMode)
        const pinned = name.includes('@') ? identifier : `${identifier}@${digest}`
        return { Source: { ...source, identifier: pinned }, Image: { Digest: digest, Config: config } }
      },
    ),
  }
}
