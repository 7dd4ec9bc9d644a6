import { Readable } from 'node:stream'
import type { BuildClient } from '../../spec/engine-api/solver.ts'
import { type BuildContext, openContext } from '../context.ts'
import type { BuildDeps } from '../deps.ts'
import type { GraphOptions } from './options.ts'
import type { Progress } from './progress.ts'

/** A context by its address: a repository, an archive or a Dockerfile from the net, or what the client reads itself. */
export function openRemoteContext(
  deps: BuildDeps,
  client: BuildClient,
  options: GraphOptions,
  progress: Progress,
): Promise<BuildContext> {
  const address = options.remote!
  const isUpload = /^https?:\/\/buildkit-session\//.test(address)
  return progress.during(`[internal] load remote build context`, async () => {
    const tar = isUpload ? Readable.from(client.upload(new URL(address))) : Readable.from([])
    const remote = isUpload ? undefined : address
    return openContext(deps, { ...options, dockerfile: options.fileName, remote }, tar)
  })
}
