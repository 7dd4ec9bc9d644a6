import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { EngineError, messageOf } from '../base/errors.ts'
import { type Digest, shortId } from '../spec/digest.ts'
import type { BuildCacheVerbs, BuildOptions, BuildVerbs } from '../spec/engine-api/build-verbs.ts'
import type { OnProgress, ProgressMessage } from '../spec/engine-api/engine.ts'
import { formatFamiliar, parseReference, withDefaultTag } from '../spec/reference.ts'
import { StepCache } from './cache.ts'
import { exportCacheMount, importCacheMount } from './cache-archives.ts'
import { CacheImages } from './cache-from.ts'
import { openContext } from './context.ts'
import type { BuildDeps } from './deps.ts'
import { parseDockerfile } from './dockerfile/parse.ts'
import { CommandFailed } from './failure.ts'
import { planBuild } from './plan.ts'
import { solve } from './solve.ts'

/** Messages of a quiet build, kept to be shown when it fails. */
const heldLimit = 10_000

export interface Builder extends BuildVerbs {
  readonly caches: BuildCacheVerbs
  /** Tidies what a crash left; called before the engine answers anybody. */
  recover(): Promise<void>
}

/** Builds images from Dockerfiles. */
export function createBuilder(deps: BuildDeps): Builder {
  const cache = new StepCache(deps.db, deps.images)
  return {
    build: (options, context, progress) => build(deps, cache, options, context, progress),
    prune: async filters => {
      const deleted = cache.forget(filters.get('all')?.includes('true') ?? false)
      return { deleted: deleted.length ? deleted : null, spaceReclaimed: 0 }
    },
    caches: {
      list: async () => deps.caches.list().map(({ id, inUse }) => ({ Id: id, InUse: inUse })),
      exportTar: id => exportCacheMount(deps, id),
      importTar: (id, archive, options) => importCacheMount(deps, id, archive, options),
    },
    recover: async () => {
      mkdirSync(deps.dir, { recursive: true, mode: 0o700 })
      // what clients sent stays for their next build
      for (const name of readdirSync(deps.dir))
        if (!['directories', 'caches', 'history'].includes(name))
          rmSync(join(deps.dir, name), { recursive: true, force: true })
      cache.forget(false)
    },
  }
}

async function build(
  deps: BuildDeps,
  cache: StepCache,
  options: BuildOptions,
  tar: Readable,
  progress: OnProgress,
): Promise<void> {
  if (options.squash) throw new EngineError('invalid', 'squash is only supported with experimental mode')
  const names = options.tags.map(tag => withDefaultTag(parseTag(tag)))
  await using context = await openContext(deps, options, tar)
  const file = parseDockerfile(context.dockerfile, context.fileName)
  const plan = planBuild(file, options)
  using pins = new DisposableStack()
  const pin = (image: Digest) => void pins.use(deps.images.pin([image]))
  const held: ProgressMessage[] = []
  const send: OnProgress = options.quiet ? message => held.length < heldLimit && held.push(message) : progress
  for (const warning of file.warnings) send({ stream: `\u001b[91m${warning}\n\u001b[0m` })
  const others = new CacheImages(deps, options.cacheFrom ?? [])
  try {
    const image = await solve({ deps, options, context, cache, others, send, pin }, plan)
    send({ stream: `Successfully built ${shortId(image)}\n` })
    for (const name of names) {
      await deps.images.tag(image, `${name.domain}/${name.path}`, name.tag!)
      send({ stream: `Successfully tagged ${formatFamiliar(name)}\n` })
    }
    if (options.quiet) progress({ stream: `${image}\n` })
  } catch (error) {
    for (const message of held) progress(message)
    report(deps, options.signal?.aborted ? new EngineError('cancelled', 'context canceled') : error, progress)
  }
}

function parseTag(text: string) {
  try {
    const reference = parseReference(text)
    if (reference.digest) throw new EngineError('invalid', 'build tag cannot contain a digest')
    return reference
  } catch (error) {
    throw new EngineError('invalid', messageOf(error), { cause: error })
  }
}

/** Output has begun: the failure is its last message. */
function report({ log }: BuildDeps, error: unknown, progress: OnProgress): void {
  if (!(error instanceof EngineError)) log.error('build failed', { error })
  const message = messageOf(error)
  const code = error instanceof CommandFailed ? { code: error.exitCode } : {}
  progress({ errorDetail: { ...code, message }, error: message })
}
