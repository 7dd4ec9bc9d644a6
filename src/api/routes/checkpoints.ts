import { EngineError } from '../../base/errors.ts'
import { type Route, route } from '../route.ts'

const refuse = (): never => {
  throw new EngineError(
    'not-implemented',
    'This experimental feature is disabled by default. Start the Docker daemon in experimental mode in order to enable it.',
  )
}

/** Checkpoints are an experiment that is switched off: answered as Docker does then. */
export const checkpointRoutes: readonly Route[] = [
  route('GET', '/containers/{id}/checkpoints', refuse),
  route('POST', '/containers/{id}/checkpoints', refuse),
  route('DELETE', '/containers/{id}/checkpoints/{checkpoint}', refuse),
]
