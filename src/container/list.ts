import { formatAge } from '../base/duration.ts'
import type { ContainerSummary } from '../spec/engine-api/container.ts'
import type { Filters } from '../spec/engine-api/engine.ts'
import type { EndpointSettings } from '../spec/engine-api/network.ts'
import { formatFamiliar, parseReference, withDefaultTag } from '../spec/reference.ts'
import type { ContainerDeps } from './deps.ts'
import { toPredicate } from './filters.ts'
import { sizesOf, toEndpoints, toMountPoints } from './inspect.ts'
import { portsOf } from './ports.ts'
import { type ContainerRecord, isAlive } from './record.ts'

const ago = (time: string): string => formatAge((Date.now() - Date.parse(time)) / 1000)

/** The status as `docker ps` prints it. */
export function statusText({ state }: ContainerRecord): string {
  switch (state.status) {
    case 'created':
      return 'Created'
    case 'running': {
      const health = state.health?.Status
      const note =
        health === undefined || health === 'none' ? '' : health === 'starting' ? ' (health: starting)' : ` (${health})`
      return `Up ${ago(state.startedAt)}${note}`
    }
    case 'paused':
      return `Up ${ago(state.startedAt)} (Paused)`
    case 'restarting':
      return `Restarting (${state.exitCode}) ${ago(state.finishedAt)} ago`
    case 'removing':
      return 'Removal In Progress'
    case 'dead':
      return 'Dead'
    case 'exited':
      return `Exited (${state.exitCode}) ${ago(state.finishedAt)} ago`
  }
}

export const commandText = ({ path, args }: ContainerRecord): string =>
  [path, ...args].map((word, i) => (i > 0 && word.includes(' ') ? `'${word}'` : word)).join(' ')

/** The name given at create, unless it means another image by now. */
function imageText(deps: ContainerDeps, { config, imageId }: ContainerRecord): string {
  const given = config.Image ?? ''
  try {
    const familiar = formatFamiliar(withDefaultTag(parseReference(given)))
    const isSame = deps.images.namesOf(imageId).some(name => name === familiar)
    return isSame || imageId.includes(given) ? given : imageId
  } catch {
    return imageId
  }
}

/** A list tells addresses, not wishes. */
const toBareEndpoints = (record: ContainerRecord): Record<string, EndpointSettings> =>
  Object.fromEntries(
    Object.entries(toEndpoints(record)).map(([name, endpoint]) => [
      name,
      { ...endpoint, Links: null, Aliases: null, DriverOpts: null, GwPriority: 0, DNSNames: null },
    ]),
  )

/** A list leaves out what is nothing. */
const withoutZero = ({ SizeRw, SizeRootFs }: { SizeRw: number; SizeRootFs: number }) => ({
  ...(SizeRw && { SizeRw }),
  ...(SizeRootFs && { SizeRootFs }),
})

async function toSummary(deps: ContainerDeps, record: ContainerRecord, size: boolean): Promise<ContainerSummary> {
  return {
    Id: record.id,
    Names: [`/${record.name}`, ...(record.linkNames ?? [])],
    Image: imageText(deps, record),
    ImageID: record.imageId,
    Command: commandText(record),
    Created: Math.floor(Date.parse(record.created) / 1000),
    Ports: portsOf(record),
    ...(size && withoutZero(await sizesOf(deps, record))),
    Labels: record.config.Labels ?? {},
    State: record.state.status,
    Status: statusText(record),
    HostConfig: {
      NetworkMode: record.hostConfig.NetworkMode ?? '',
      ...(record.hostConfig.Annotations && { Annotations: record.hostConfig.Annotations }),
    },
    NetworkSettings: { Networks: toBareEndpoints(record) },
    Mounts: toMountPoints(record),
  } as ContainerSummary
}

export interface ListOptions {
  readonly all: boolean
  readonly limit?: number | undefined
  readonly size: boolean
  readonly filters: Filters
}

const newestFirst = (a: ContainerRecord, b: ContainerRecord): number => (a.created < b.created ? 1 : -1)

/** Reads records only: no container can hold it up. */
export async function listContainers(
  deps: ContainerDeps,
  { all, limit = 0, size, filters }: ListOptions,
): Promise<readonly ContainerSummary[]> {
  const matches = toPredicate(deps, filters)
  const showsStopped = all || limit > 0 || (filters.get('status') ?? []).length > 0
  const found = deps.store
    .all()
    .filter(record => (showsStopped || isAlive(record) || record.state.status === 'restarting') && matches(record))
  const sorted = found.toSorted(newestFirst)
  return Promise.all((limit > 0 ? sorted.slice(0, limit) : sorted).map(record => toSummary(deps, record, size)))
}
