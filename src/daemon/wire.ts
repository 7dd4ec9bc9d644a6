import { closeSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Duplex } from 'node:stream'
import { Database } from '../base/database.ts'
import { KeyedMutex } from '../base/keyed-mutex.ts'
import type { Log } from '../base/log.ts'
import { type Builder, createBuilder } from '../build/builder.ts'
import type { RunStepRequest } from '../build/deps.ts'
import { CacheMounts } from '../build/graph/cache-mounts.ts'
import { defaultGrants } from '../build/graph/entitlements.ts'
import { defaultCdiDirs } from '../container/cdi.ts'
import { commitContainer } from '../container/commit.ts'
import { createContainers } from '../container/containers.ts'
import type { ContainerDeps, ContainerSettings, Remap } from '../container/deps.ts'
import { emitFor } from '../container/events.ts'
import { ExecStore } from '../container/exec/exec-store.ts'
import { LocalExecs } from '../container/exec/execs.ts'
import { probeEnded } from '../container/exec/probe.ts'
import { handleExit } from '../container/exit.ts'
import { Lifecycle } from '../container/lifecycle.ts'
import { isAlive, isRunning } from '../container/record.ts'
import { aliveTasks, reconcile, recoverContainers, startByPolicy } from '../container/recover.ts'
import { letRootPass, rootOf } from '../container/remap.ts'
import { runStep, settleSteps, stepEnded } from '../container/run-step.ts'
import { stopContainer } from '../container/stop.ts'
import { ContainerStore } from '../container/store.ts'
import { usersOfVolumes, volumeContainers } from '../container/volume-users.ts'
import { LocalContentStore } from '../content/local-content-store.ts'
import { EventLog } from '../engine/event-log.ts'
import { ownershipOf } from '../engine/ownership.ts'
import { createSystem, type EngineSettings } from '../engine/system.ts'
import { createImages } from '../image/images.ts'
import { hostPlatform } from '../image/platform.ts'
import { openAppArmor } from '../kernel/apparmor.ts'
import { cgroupControllers } from '../kernel/cgroup.ts'
import { syncFileSystem } from '../kernel/file-metadata.ts'
import { ProjectQuota } from '../kernel/project-quota.ts'
import { isUnread } from '../kernel/unread.ts'
import { openUserNamespace } from '../kernel/user-namespace.ts'
import { openNetworks } from '../network/open.ts'
import { defaultNetworkConfig } from '../network/state.ts'
import type { RemoteConfig } from '../remote/config.ts'
import { login } from '../remote/login.ts'
import { canCheckpoint, findRuntimes } from '../runtime/probe.ts'
import { programVersion } from '../runtime/program-version.ts'
import type { RuntimeBinary } from '../runtime/runtime.ts'
import { SupervisedRuntime } from '../runtime/supervised/supervised-runtime.ts'
import { OverlaySnapshotter } from '../snapshot/overlay-snapshotter.ts'
import { RootFiles } from '../snapshot/root-files.ts'
import { WorkerPool } from '../snapshot/worker-pool.ts'
import type { Engine } from '../spec/engine-api/engine.ts'
import type { Solver } from '../spec/engine-api/solver.ts'
import type { IdRanges } from '../spec/id-ranges.ts'
import { openVolumes } from '../volume/open.ts'
import { cacheLimitOf, grantsOf } from './builder-settings.ts'
import { boolValue, ConfigError, listValue, stringValue, type Values } from './config.ts'
import { containerSettings } from './container-settings.ts'
import { engineId } from './engine-id.ts'
import { networkSettings } from './network-settings.ts'
import { proxiesOf, remoteSettings } from './remote-settings.ts'
import { addedRuntimes } from './runtime-settings.ts'
import { defaultSizeOf } from './storage-options.ts'

export interface WireOptions {
  readonly root: string
  readonly execRoot: string
  /** ids of containers, unless they are the host's */
  readonly remap: IdRanges | undefined
  /** asked at each use: a reload changes them */
  readonly values: () => Values
  readonly log: Log
  readonly supervisorCommand: readonly string[]
  readonly versions: { readonly engine: string; readonly api: string; readonly minApi: string }
}

export interface WiredEngine {
  readonly engine: Engine
  readonly events: EventLog
  /** what BuildKit's clients talk to */
  readonly solver: Solver
  /** whether a client has yet to read what was written to it */
  readonly isUnread: (socket: Duplex) => boolean
  /** starts what its restart policy wants running */
  startByPolicy(): Promise<void>
  /** stops every container, unless they are to live on, and lets go of everything */
  close(options: { readonly stopContainers: boolean }): Promise<void>
}

/** The fastest runtime under Docker's name for the default, so that `--runtime runc` works wherever Docker's does. */
function runtimesOf(values: Values): ReadonlyMap<string, RuntimeBinary> {
  const all = findRuntimes()
  // who switches the experiment on wants containers that it works for
  const found = boolValue(values, 'experimental', false)
    ? [...all.filter(canCheckpoint), ...all.filter(runtime => !canCheckpoint(runtime))]
    : all
  const added = addedRuntimes(values)
  const [fastest] = found
  if (!fastest && added.length === 0) throw new ConfigError('no OCI runtime found: install crun or runc')
  const named = found.map(runtime => [runtime.kind, runtime] as const)
  const fallback = fastest && !found.some(({ kind }) => kind === 'runc') ? [['runc', fastest] as const] : []
  return new Map([...fallback, ...named, ...added])
}

/** A namespace to show files with, for as long as the engine lives. */
async function openRemap(ids: IdRanges): Promise<Remap> {
  const { user, network } = await openUserNamespace(ids)
  closeSync(network)
  return { ...ids, namespace: `/proc/${process.pid}/fd/${user}` }
}

const cdiDirsOf = (values: Values): readonly string[] =>
  'cdi-spec-dirs' in values ? listValue(values, 'cdi-spec-dirs').filter(Boolean) : defaultCdiDirs

/** Picks the implementations and joins them: the one place that does. */
export async function openLocalEngine(options: WireOptions): Promise<WiredEngine> {
  const { root, execRoot, log } = options
  for (const dir of [root, execRoot, join(root, 'containers'), join(execRoot, 'netns')])
    mkdirSync(dir, { recursive: true, mode: 0o711 })
  const db = new Database(join(root, 'meta.db'))
  const events = new EventLog()
  const store = new ContainerStore(db)
  const content = new LocalContentStore(join(root, 'content'))
  const workers = new WorkerPool()
  const snapshots = new OverlaySnapshotter(join(root, 'snapshots'), workers)
  const runtimes = runtimesOf(options.values())
  const remap = options.remap && (await openRemap(options.remap))
  if (remap) for (const dir of [dirname(root), root, join(root, 'containers')]) letRootPass(dir, remap)
  const quota = ProjectQuota.open(join(root, 'quota-device'))
  const defaultSizeBytes = defaultSizeOf(listValue(options.values(), 'storage-opts'), quota !== undefined)
  const fixed = { runtimes, remap, defaultSizeBytes, hasAppArmor: openAppArmor(log) }
  const settings = (): ContainerSettings => ({
    root,
    execRoot,
    ...fixed,
    ...containerSettings(options.values()),
    defaultRuntime: stringValue(options.values(), 'default-runtime', runtimes.keys().next().value!),
    cdiDirs: cdiDirsOf(options.values()),
  })
  const remote = (): RemoteConfig => ({
    ...remoteSettings(options.values()),
    userAgent: `docker/${options.versions.engine}`,
  })
  const emitter =
    (Type: 'container' | 'network' | 'volume') =>
    (Action: string, ID: string, Attributes: Readonly<Record<string, string>>) =>
      events.emit({
        ...(Type === 'container' && { status: Action, id: ID, from: Attributes.image }),
        Type,
        Action,
        Actor: { ID, Attributes },
      } as never)

  // images keep what builds may use again, and builds need images
  let builder: Builder | undefined
  const images = createImages({
    db,
    content,
    snapshots,
    remote,
    log,
    emit: event => events.emit({ status: event.Action, id: event.Actor?.ID, ...event } as never),
    usage: imageId =>
      store
        .all()
        .filter(record => record.imageId === imageId)
        .map(record => ({ id: record.id, name: record.name, running: isRunning(record) })),
    chainsInUse: () => [
      ...store.all().flatMap(({ chainId }) => (chainId ? [chainId] : [])),
      ...(builder?.solver.chains() ?? []),
    ],
    platform: hostPlatform(),
    concurrentDownloads: options.values()['max-concurrent-downloads'] as number | undefined,
    concurrentUploads: options.values()['max-concurrent-uploads'] as number | undefined,
    commitContainer: request => commitContainer(deps, images.commitImage, request),
  })
  const networks = openNetworks({
    db,
    execRoot,
    log,
    emit: emitter('network'),
    config: { ...defaultNetworkConfig, ...networkSettings(options.values(), root) },
    containers: {
      find: key => {
        const record = store.find(key)
        const { id, name, state, config, hostConfig, endpoints } = record
        const dir = join(root, 'containers', id)
        return {
          id,
          name,
          running: isAlive(record),
          pid: state.pid,
          networkMode: hostConfig.NetworkMode ?? '',
          hostname: config.Hostname ?? '',
          domainname: config.Domainname ?? '',
          files: { hosts: join(dir, 'hosts'), resolvConf: join(dir, 'resolv.conf') },
          endpoints,
        }
      },
      saveEndpoint: (id, network, endpoint) => {
        const record = store.find(id)
        const { [network]: _, ...others } = record.endpoints
        store.put({ ...record, endpoints: endpoint ? { ...others, [network]: endpoint } : others })
      },
      savePorts: (id, ports) => store.putState({ ...store.find(id), ports }),
    },
    proxies: { set: (id, ports) => runtime.setProxies(id, ports) },
  })
  const volumes = openVolumes({
    db,
    root,
    owner: remap && rootOf(remap),
    log,
    emit: emitter('volume'),
    files: Object.assign(new RootFiles(workers), { syncAll: syncFileSystem }),
  })
  volumes.containers.useContainers(volumeContainers(() => deps))
  const runtime = await SupervisedRuntime.open({
    socketPath: join(execRoot, 'supervisor.sock'),
    execRoot,
    command: options.supervisorCommand,
    logPath: join(execRoot, 'supervisor.log'),
    log,
  })
  const deps: ContainerDeps = {
    store,
    locks: new KeyedMutex(),
    lifecycle: new Lifecycle(),
    images,
    snapshots,
    files: new RootFiles(workers),
    networks: networks.containers,
    quota,
    volumes: volumes.containers,
    runtime,
    get settings() {
      return settings()
    },
    emit: emitter('container'),
    log,
  }
  const execStore = new ExecStore()
  const execs = new LocalExecs(deps, execStore)
  const containers = createContainers(deps, execStore)
  runtime.onExit(notice => {
    if (notice.containerId) {
      if (!probeEnded(notice.id, notice.exitCode)) execs.ended(notice.id, notice.exitCode)
      return
    }
    if (stepEnded(notice.id, notice.exitCode)) return
    handleExit(deps, notice).catch(error => log.error('exit not recorded', { id: notice.id, error }))
  })
  runtime.onOom(id => {
    const record = store.get(id)
    if (record) emitFor(deps, record, 'oom')
  })
  runtime.onRevival(tasks => {
    reconcile(deps, settleSteps(tasks)).catch(error => log.error('not all containers were taken up', { error }))
  })

  networks.containers.onDnsChange(id => {
    const config = networks.containers.dnsOf(id)
    if (config) runtime.updateDns(id, config).catch(error => log.warn('resolver not updated', { id, error }))
  })

  const tasks = await runtime.list()
  const alive = aliveTasks(store.all(), tasks)
  await snapshots.recover()
  const caches = new CacheMounts(join(root, 'build', 'caches'))
  caches.recover()
  const buildDeps = {
    db,
    images,
    snapshots,
    log,
    dir: join(root, 'build'),
    caches,
    files: new RootFiles(workers),
    runStep: (request: RunStepRequest) => runStep(deps, request),
  }
  const builds = createBuilder(buildDeps, {
    id: engineId(root),
    cacheLimit: () => cacheLimitOf(options.values()),
    isExperimental: () => boolValue(options.values(), 'experimental', false),
    grants: () => grantsOf(options.values(), defaultGrants),
  })
  builder = builds
  await images.recover()
  builds.recover()
  await networks.containers.recover(alive)
  volumes.recover(usersOfVolumes({ store }, alive))
  await recoverContainers(deps, tasks)

  const engineSettings = (): EngineSettings => ({
    runtimes: [...runtimes.keys()],
    defaultRuntime: settings().defaultRuntime,
    logDriver: settings().logDriver,
    labels: listValue(options.values(), 'labels'),
    insecureRegistries: remote().insecureRegistries ?? [],
    mirrors: remote().mirrors ?? [],
    debug: log.level === 'debug',
    proxies: proxiesOf(options.values()),
    liveRestore: settings().liveRestore,
    initPath: settings().initPath,
    seccompName: stringValue(options.values(), 'seccomp-profile', 'builtin'),
    hasOwnCgroupns: settings().defaultCgroupnsMode === 'private',
    cdiDirs: settings().cdiDirs,
    remaps: options.remap !== undefined,
    hasAppArmor: settings().hasAppArmor,
    addressPools: networkSettings(options.values(), root).defaultAddressPools,
  })
  const programs = async () => {
    const { defaultRuntime, initPath } = settings()
    const runtime = runtimes.get(defaultRuntime)
    return {
      runtime: runtime && (await programVersion(runtime.path)),
      init: initPath ? await programVersion(initPath) : undefined,
    }
  }
  const facts = {
    version: options.versions.engine,
    apiVersion: options.versions.api,
    minApiVersion: options.versions.minApi,
    id: engineId(root),
    root,
    controllers: cgroupControllers(),
    startedAt: new Date().toISOString(),
    isExperimental: boolValue(options.values(), 'experimental', false),
  }
  const system = createSystem({
    facts,
    settings: engineSettings,
    programs,
    events,
    containers,
    images,
    volumes: { ...volumes.verbs, usage: () => volumes.usage(), driverNames: () => volumes.driverNames() },
    login: auth => login(auth, remote(), {}),
    builds: {
      layersSize: () => {
        const inImages = new Set(images.chains())
        const own = [...new Set(builds.solver.chains())].filter(chain => !inImages.has(chain) && snapshots.has(chain))
        return own.reduce((sum, chain) => sum + snapshots.sizeOf(chain), 0)
      },
      usage: () => builds.solver.usage(),
    },
    ownership: () => ownershipOf(root, { store, volumes: volumes.verbs, images, layers: snapshots.directories() }),
  })
  return {
    engine: {
      containers,
      execs,
      images,
      networks: networks.verbs,
      volumes: volumes.verbs,
      system,
      build: builds,
      buildCaches: builds.caches,
    },
    events,
    solver: builds.solver,
    isUnread,
    startByPolicy: () => startByPolicy(deps),
    close: async ({ stopContainers }) => {
      deps.lifecycle.cancelAll()
      const running = store.all().filter(isAlive)
      if (stopContainers) {
        await Promise.allSettled(running.map(({ id }) => stopContainer(deps, id, {})))
        for (const { id } of running) {
          const record = store.get(id)
          if (record) store.putState({ ...record, manuallyStopped: false })
        }
      }
      await runtime.close({ end: stopContainers })
      await snapshots[Symbol.asyncDispose]()
      db[Symbol.dispose]()
    },
  }
}
