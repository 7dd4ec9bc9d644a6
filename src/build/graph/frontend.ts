import { EngineError } from '../../base/errors.ts'
import type { SolveRequest } from '../../spec/engine-api/solver.ts'
import { syntaxOf } from '../dockerfile/logical-lines.ts'
import type { GraphOptions } from './options.ts'

/** Frontends whose language is ours: the official ones, in any version. */
const official = /^([\w.:-]+\/)*docker\/dockerfile(-upstream)?([:@].*)?$/

/**
 * The Dockerfile language is built in; no frontend is run.
 *
 * @throws EngineError `not-implemented` for any other one
 */
export function checkFrontend({ frontend, options }: Pick<SolveRequest, 'frontend' | 'options'>): void {
  if (frontend === 'dockerfile.v0') return
  if (frontend !== 'gateway.v0') throw new EngineError('invalid', `failed to find frontend: ${frontend}`)
  checkSource(options.source ?? '')
}

function checkSource(source: string): void {
  if (official.test(source)) return
  throw new EngineError(
    'invalid',
    `frontend ${JSON.stringify(source)} is not supported: only docker/dockerfile is, which is built in`,
  )
}

/**
 * What a file asks for in its first lines, or a client in its stead.
 *
 * @throws EngineError `invalid` for another frontend
 */
export function checkSyntax(text: string, { buildArgs }: Pick<GraphOptions, 'buildArgs'>): void {
  const [wanted = ''] = (buildArgs?.BUILDKIT_SYNTAX ?? syntaxOf(text) ?? '').split(/\s/, 1)
  if (wanted !== '') checkSource(wanted)
}
