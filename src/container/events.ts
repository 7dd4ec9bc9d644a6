import type { ContainerDeps } from './deps.ts'
import type { ContainerRecord } from './record.ts'

/** Tells what happened, with the attributes that every container event has. */
export function emitFor(
  deps: Pick<ContainerDeps, 'emit'>,
  record: ContainerRecord,
  action: string,
  extra: Readonly<Record<string, string>> = {},
): void {
  deps.emit(action, record.id, {
    ...record.config.Labels,
    ...extra,
    image: record.config.Image ?? '',
    name: record.name,
  })
}
