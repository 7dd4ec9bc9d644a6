import { hostname } from 'node:os'
import { EngineError, messageOf } from '../base/errors.ts'
import { formatNanos, nowNanos } from '../base/time.ts'
import type { ResolvedImage } from '../image/resolved.ts'
import type { Digest } from '../spec/digest.ts'
import type { ContainerCreateResponse } from '../spec/engine-api/container.ts'
import type { CreateContainerRequest } from '../spec/engine-api/engine.ts'
import { checkCreate } from './check.ts'
import { checkConflicts } from './check-conflicts.ts'
import type { ContainerDeps } from './deps.ts'
import { emitFor } from './events.ts'
import { withoutUnsupported } from './kernel-support.ts'
import { announceLinks, registerLinks } from './links.ts'
import { checkLogConfig } from './log-options.ts'
import { mergeImage } from './merge-image.ts'
import { planMounts } from './mounts.ts'
import { newId, randomName } from './names.ts'
import { normalizeConfig, normalizeHostConfig } from './normalize.ts'
import { checkRuntimeName } from './pick-runtime.ts'
import { limitSize, sizeLimitOf } from './quota.ts'
import { type ContainerRecord, unstarted } from './record.ts'
import { checkRemap } from './remap.ts'
import { makeContainerDir, removeContainerDir } from './rootfs.ts'
import { parseSecurityOptions } from './security.ts'
import { checkWorkingDir } from './working-dir.ts'

function endpointsOf({ config, hostConfig, networkingConfig }: CreateContainerRequest): ContainerRecord['endpoints'] {
  const mode = hostConfig.NetworkMode || 'default'
  if (config.NetworkDisabled || mode.startsWith('container:')) return {}
  const own = mode === 'default' ? 'bridge' : mode
  const wishes = Object.entries(networkingConfig.EndpointsConfig ?? {}).map(
    ([name, settings]) => [name === 'default' ? 'bridge' : name, settings ?? {}] as const,
  )
  return wishes.length > 0 ? Object.fromEntries(wishes) : { [own]: {} }
}

const joinsContainer = ({ NetworkMode }: CreateContainerRequest['hostConfig']): boolean =>
  NetworkMode?.startsWith('container:') ?? false

/** Names of joined containers become ids: they may be renamed later. */
function withIds(
  deps: ContainerDeps,
  host: CreateContainerRequest['hostConfig'],
): CreateContainerRequest['hostConfig'] {
  // SELinux would have to know its label
  const isWanted = !host.Privileged && !host.SecurityOpt?.some(option => option.split('=')[0] === 'label')
  const toId = (mode: string | undefined, isNeeded = false) => {
    const key = mode?.startsWith('container:') && mode.slice('container:'.length)
    if (!key) return mode
    try {
      return `container:${deps.store.find(key).id}`
    } catch (cause) {
      // a 404 here would make clients pull the image
      if (isNeeded) throw new EngineError('invalid', messageOf(cause), { cause })
      return mode // start says that it is missing
    }
  }
  return {
    ...host,
    NetworkMode: toId(host.NetworkMode),
    IpcMode: toId(host.IpcMode, isWanted),
    PidMode: toId(host.PidMode, isWanted),
  }
}

/** A container may begin with nothing: whoever makes it copies files into it. */
const noImage: ResolvedImage = {
  id: '' as Digest,
  config: { os: 'linux', architecture: '', rootfs: { type: 'layers', diff_ids: [] } },
  chainId: undefined,
  size: 0,
}

/**
 * Makes a container: its record, its anonymous volumes and the directory of its writable layer.
 * Durable when it returns, unless it is to be removed at its end anyway.
 */
export async function createContainer(
  deps: ContainerDeps,
  request: CreateContainerRequest,
): Promise<ContainerCreateResponse> {
  const { config: own, hostConfig: host } = request
  checkConflicts(own, host)
  if (Object.keys(own).length === 0)
    throw new EngineError('invalid', 'config cannot be empty in order to create a container')
  const { host: supported, warnings } = withoutUnsupported(host)
  checkCreate(own, supported)
  if (supported.Runtime) checkRuntimeName(deps.settings, supported.Runtime)
  const image = own.Image ? deps.images.resolve(own.Image, request.platform || undefined) : noImage
  const endpoints = endpointsOf(request)
  deps.networks.check(joinsContainer(host) ? (request.networkingConfig.EndpointsConfig ?? {}) : endpoints)
  const merged = mergeImage(own, image.config.config)
  const command = [...(merged.Entrypoint ?? []), ...(merged.Cmd ?? [])]
  if (command.length === 0) throw new EngineError('invalid', 'no command specified')
  parseSecurityOptions(host)
  checkRemap(deps.settings, host)
  const hostConfig = normalizeHostConfig(withIds(deps, supported), deps.settings)
  checkLogConfig(hostConfig.LogConfig)
  const id = newId()
  const name = request.name ? deps.store.checkName(request.name) : randomName(taken => deps.store.isTaken(taken), id)
  using _lock = await deps.locks.acquire(`name ${name}`)
  if (request.name) deps.store.checkName(name)
  const config = normalizeConfig(merged, id, hostConfig, hostname())
  const sizeLimit = sizeLimitOf(deps, hostConfig)
  await using undo = new AsyncDisposableStack()
  undo.defer(() => removeContainerDir(deps, id))
  makeContainerDir(deps, id)
  limitSize(deps, id, sizeLimit)
  if (own.WorkingDir) checkWorkingDir(deps, image.chainId, config.WorkingDir)
  const mounts = await planMounts(deps, { id, config, hostConfig, chainId: image.chainId }, undo)
  const record = registerLinks(deps, {
    id,
    name,
    created: formatNanos(nowNanos()),
    path: command[0]!,
    args: command.slice(1),
    imageId: image.id,
    chainId: image.chainId,
    platform: image.config.os || 'linux',
    config,
    hostConfig,
    mounts,
    endpoints,
    ports: {},
    ...unstarted,
  })
  deps.store.put(record)
  undo.move()
  announceLinks(deps, record, true)
  emitFor(deps, record, 'create')
  return { Id: id, Warnings: [...warnings, ...warningsOf(request)] }
}

function warningsOf({ hostConfig }: CreateContainerRequest): readonly string[] {
  const isDiscarded = hostConfig.NetworkMode === 'host' && Object.keys(hostConfig.PortBindings ?? {}).length > 0
  const mountsImage = hostConfig.Mounts?.some(({ Type }) => Type === 'image')
  return [
    ...(isDiscarded ? ['Published ports are discarded when using host network mode'] : []),
    ...(mountsImage ? ['Image mount is an experimental feature'] : []),
  ]
}
