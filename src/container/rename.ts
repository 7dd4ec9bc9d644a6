import { EngineError, isEngineError } from '../base/errors.ts'
import type { ContainerDeps } from './deps.ts'
import { emitFor } from './events.ts'

export async function renameContainer(deps: ContainerDeps, key: string, name: string): Promise<void> {
  if (name === '') throw new EngineError('invalid', 'Neither old nor new names may be empty')
  const { id } = deps.store.find(key)
  using _lock = await deps.locks.acquire(id)
  const record = deps.store.find(id)
  if (name.replace(/^\//, '') === record.name) {
    throw new EngineError('invalid', 'Renaming a container with the same name as its current name')
  }
  const renamed = { ...record, name: freeName(deps, name) }
  deps.store.put(renamed)
  emitFor(deps, renamed, 'rename', { oldName: `/${record.name}` })
}

function freeName(deps: ContainerDeps, name: string): string {
  try {
    return deps.store.checkName(name.startsWith('/') ? name : `/${name}`)
  } catch (error) {
    if (!isEngineError(error)) throw error
    throw new EngineError(error.kind, `Error when allocating new name: ${error.message}`, { cause: error })
  }
}
