import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError } from '../base/errors.ts'
import { KeyedMutex } from '../base/keyed-mutex.ts'
import type { BuildCacheVerbs, BuildVerbs } from '../spec/engine-api/build-verbs.ts'
import { exportCacheMount, importCacheMount } from './cache-archives.ts'
import { buildClassic } from './classic/build.ts'
import { pruneClassic } from './classic/prune.ts'
import type { BuildDeps } from './deps.ts'
import { ClientDirectories } from './graph/directories.ts'
import { defaultGrants, type Grants } from './graph/entitlements.ts'
import type { GraphDeps } from './graph/job.ts'
import { LayerCache } from './graph/layer-cache.ts'
import { createSolver, type GraphSolver } from './graph/solver.ts'
import { Tidier } from './graph/tidier.ts'

/** What stays in the builder's directory when the engine stops: what clients sent, and what builds left. */
const lasting = ['directories', 'caches', 'history']

export interface BuilderSettings {
  /** what clients know the engine by */
  readonly id: string
  /** bytes that may stay for later builds; asked for after each one */
  readonly cacheLimit: () => number
  /** layers may be squashed */
  readonly isExperimental: () => boolean
  /** what BuildKit's clients may allow their builds; asked for at each one */
  readonly grants?: () => Grants
}

export interface Builder extends BuildVerbs {
  readonly caches: BuildCacheVerbs
  /** what BuildKit's clients talk to */
  readonly solver: GraphSolver
  /** Tidies what a crash left; called before the engine answers anybody. */
  recover(): void
}

/** Builds images from Dockerfiles: one solver and one cache, which both protocols are fronts of. */
export function createBuilder(deps: BuildDeps, settings: BuilderSettings): Builder {
  const graph: GraphDeps = {
    deps,
    cache: new LayerCache(deps.db, deps.snapshots),
    directories: new ClientDirectories(join(deps.dir, 'directories')),
    locks: new KeyedMutex(),
    results: new Map(),
  }
  const tidier = new Tidier(graph, settings.cacheLimit)
  const solver = createSolver(graph, tidier, settings.id, settings.grants ?? (() => defaultGrants))
  return {
    solver,
    build: async (options, context, progress) => {
      if (options.squash && !settings.isExperimental())
        throw new EngineError('invalid', 'squash is only supported with experimental mode')
      await buildClassic(graph, options, context, progress)
      tidier.start()
    },
    prune: options => pruneClassic(graph, options),
    caches: {
      list: async () => deps.caches.list().map(({ id, inUse }) => ({ Id: id, InUse: inUse })),
      exportTar: id => exportCacheMount(deps, id),
      importTar: (id, archive, options) => importCacheMount(deps, id, archive, options),
    },
    recover: () => {
      mkdirSync(deps.dir, { recursive: true, mode: 0o700 })
      for (const name of readdirSync(deps.dir))
        if (!lasting.includes(name)) rmSync(join(deps.dir, name), { recursive: true, force: true })
      solver.recover()
    },
  }
}
