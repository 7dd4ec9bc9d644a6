import { EngineError } from '../../base/errors.ts'
import type { SolveRequest } from '../../spec/engine-api/solver.ts'

/** Frontends whose language is ours: the official ones, in any version. */
const official = /^(docker\.io\/)?docker\/dockerfile(-upstream)?([:@].*)?$/

/**
 * The Dockerfile language is built in; no frontend is run.
 *
 * @throws EngineError `not-implemented` for any other one
 */
export function checkFrontend({ frontend, options }: Pick<SolveRequest, 'frontend' | 'options'>): void {
  if (frontend === 'dockerfile.v0') return
  if (frontend !== 'gateway.v0') throw new EngineError('invalid', `failed to find frontend: ${frontend}`)
  if (!official.test(options.source ?? ''))
    throw new EngineError(
      'not-implemented',
      `frontend ${JSON.stringify(options.source)} is not supported: only docker/dockerfile is, which is built in`,
    )
}
