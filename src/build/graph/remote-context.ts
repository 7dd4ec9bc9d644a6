import { Readable } from 'node:stream'
import { EngineError } from '../../base/errors.ts'
import { withoutPassword } from '../../base/without-password.ts'
import type { BuildClient } from '../../spec/engine-api/solver.ts'
import { type BuildContext, openContext } from '../context.ts'
import type { BuildDeps } from '../deps.ts'
import { parseGitAddress } from '../ops/git.ts'
import type { Lent } from '../ops/lent.ts'
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
  const isGit = !isUpload && parseGitAddress(address) !== undefined
  const title = isGit ? `git source ${withoutPassword(address)}` : 'remote build context'
  return progress.during(`[internal] load ${title}`, async () => {
    const tar = isUpload ? Readable.from(client.upload(new URL(address))) : Readable.from([])
    const remote = isUpload ? undefined : address
    try {
      return await openContext(deps, { ...options, ...lentBy(client), dockerfile: options.fileName, remote }, tar)
    } catch (error) {
      throw inBuildKitsWords(error, options)
    }
  })
}

/** What the steps of a build have of its client. */
export const lentBy = (client: BuildClient): Lent => ({
  secret: id => client.secret(id),
  agent: { has: id => client.hasAgent(id), open: id => client.openAgent(id) },
})

function inBuildKitsWords(error: unknown, { fileName }: GraphOptions): unknown {
  if (!(error instanceof EngineError) || !error.message.startsWith('Cannot locate specified Dockerfile')) return error
  const why = `failed to read dockerfile: open ${fileName}: no such file or directory`
  return new EngineError('not-found', why, { cause: error })
}
