import type { ContainerDeps } from './deps.ts'
import { pauseContainer } from './pause.ts'

/** Marks the record, durably: whoever finds the mark after a crash lets the container go on. */
function mark({ store }: ContainerDeps, id: string, isHeldStill: boolean): void {
  const record = store.get(id)
  if (!record) return
  const { isHeldStill: _, ...rest } = record
  store.put(isHeldStill ? { ...record, isHeldStill } : rest)
}

async function letGo(deps: ContainerDeps, id: string): Promise<void> {
  await pauseContainer(deps, id, false).catch(() => {}) // it has ended, or the user was faster
  mark(deps, id, false)
}

/** Pauses a running container for what must not see it change, until disposed of. */
export async function holdStill(deps: ContainerDeps, id: string): Promise<AsyncDisposable> {
  mark(deps, id, true)
  try {
    await pauseContainer(deps, id, true)
  } catch (error) {
    mark(deps, id, false)
    throw error
  }
  return { [Symbol.asyncDispose]: () => letGo(deps, id) }
}

/** After the engine's start: what it had paused itself when it died goes on. */
export async function releaseHeld(deps: ContainerDeps): Promise<void> {
  for (const { id, isHeldStill } of deps.store.all()) if (isHeldStill) await letGo(deps, id)
}
