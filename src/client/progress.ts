import { EngineError } from '../base/errors.ts'
import type { OnProgress, ProgressMessage } from '../spec/engine-api/engine.ts'

/**
 * Hands every object of a progress stream to `progress`.
 *
 * @throws EngineError when the stream carries an error
 */
export async function reportProgress(objects: AsyncIterable<unknown>, progress: OnProgress): Promise<void> {
  for await (const object of objects) {
    const message = object as ProgressMessage
    const error = message.errorDetail?.message ?? message.error
    if (error === undefined) progress(message)
    else throw new EngineError(message.errorDetail?.code === 401 ? 'unauthorized' : 'internal', error)
  }
}
