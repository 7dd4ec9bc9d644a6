import type { Readable } from 'node:stream'
import type { Cancellable } from '../base/cancellable.ts'
import { EngineError } from '../base/errors.ts'
import { agentlessFetch } from '../remote/fetch.ts'
import type { OnProgress } from '../spec/engine-api/engine.ts'
import { applyChanges } from './apply-changes.ts'
import { commitImage } from './commit.ts'
import type { VerbDeps } from './deps.ts'
import { imageEvent } from './event.ts'
import { parsePlatform } from './platform.ts'

export interface ImportOptions extends Cancellable {
  readonly repo: string
  readonly tag: string
  readonly message: string
  readonly changes: readonly string[]
  readonly platform?: string | undefined
}

/** Makes an image of one layer from the tar of a root file system. */
export async function importImage(
  deps: VerbDeps,
  source: Readable | string,
  options: ImportOptions,
  send: OnProgress,
): Promise<void> {
  const config = applyChanges({}, options.changes)
  const platform = options.platform ? parsePlatform(options.platform, deps.platform) : deps.platform
  const tar = typeof source === 'string' ? await open(deps, source, options, send) : source
  const from = typeof source === 'string' ? source : '-'
  const { repo, tag, signal } = options
  const comment = options.message || `Imported from ${from}`
  const id = await commitImage(deps, { layer: { tar }, config, platform, comment, repo, tag, signal })
  deps.emit(imageEvent('import', id, id, deps.store.images.get(id)))
  send({ status: id })
}

async function open(deps: VerbDeps, source: string, { signal }: Cancellable, send: OnProgress): Promise<Readable> {
  const text = /^https?:\/\//.test(source) ? source : `http://${source}`
  if (!URL.canParse(text)) throw new EngineError('invalid', `invalid source: ${source}`)
  send({ status: `Downloading from ${source}` })
  return agentlessFetch(new URL(text), deps.remote(), { signal })
}
