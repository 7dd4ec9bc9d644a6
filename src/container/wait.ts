import { EngineError } from '../base/errors.ts'
import type { ContainerWaitResponse } from '../spec/engine-api/container.ts'
import type { WaitCondition } from '../spec/engine-api/engine.ts'
import type { ContainerDeps } from './deps.ts'
import { isRunning } from './record.ts'

const conditions = ['', 'not-running', 'next-exit', 'removed']

/** @throws EngineError `invalid` for a condition that Docker does not know */
export function checkCondition(text: string): WaitCondition {
  if (!conditions.includes(text)) throw new EngineError('invalid', `invalid condition: "${text}"`)
  return (text || 'not-running') as WaitCondition
}

/** Gives a promise at once, so that the answer's headers need not wait for the end. */
export async function waitContainer(
  deps: ContainerDeps,
  key: string,
  condition: WaitCondition,
  signal?: AbortSignal,
): Promise<{ readonly exit: Promise<ContainerWaitResponse> }> {
  const record = deps.store.find(key)
  if (condition === 'not-running' && !isRunning(record))
    return { exit: Promise.resolve({ StatusCode: record.state.exitCode }) }
  const fact = deps.lifecycle.next(condition === 'removed' ? 'remove' : 'exit', record.id, signal)
  const exit = fact.then(
    ({ exitCode, error }): ContainerWaitResponse => ({
      StatusCode: exitCode,
      ...(error && { Error: { Message: error } }),
    }),
  )
  exit.catch(() => {}) // the client left: nobody is there to hear it
  return { exit }
}
