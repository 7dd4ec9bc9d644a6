import type { ContainerVerbs } from '../spec/engine-api/engine.ts'
import { getArchive, putArchive, statInContainer } from './archive.ts'
import { attachContainer } from './attach.ts'
import { changesOf } from './changes.ts'
import { createCheckpoint, listCheckpoints, removeCheckpoint } from './checkpoint/verbs.ts'
import { createContainer } from './create.ts'
import type { ContainerDeps } from './deps.ts'
import type { ExecStore } from './exec/exec-store.ts'
import { exportContainer } from './export.ts'
import { inspectContainer } from './inspect.ts'
import { killContainer } from './kill.ts'
import { removeLink } from './links.ts'
import { listContainers } from './list.ts'
import { readLogs } from './logs/logs.ts'
import { pauseContainer } from './pause.ts'
import { pruneContainers } from './prune.ts'
import { removeContainer } from './remove.ts'
import { renameContainer } from './rename.ts'
import { resizeContainer } from './resize.ts'
import { restartContainer } from './restart.ts'
import { startContainer } from './start.ts'
import { statsOf } from './stats.ts'
import { stopContainer } from './stop.ts'
import { topContainer } from './top.ts'
import { updateContainer } from './update.ts'
import { waitContainer } from './wait.ts'

/** Every verb of containers, bound to what it needs. */
export const createContainers = (deps: ContainerDeps, execs: ExecStore): ContainerVerbs => ({
  create: request => createContainer(deps, request),
  list: options => listContainers(deps, options),
  inspect: (id, options) => inspectContainer(deps, execs, id, options),
  start: (id, options) => startContainer(deps, id, options),
  stop: (id, options = {}) => stopContainer(deps, id, options),
  restart: (id, options = {}) => restartContainer(deps, id, options),
  kill: (id, signalName) => killContainer(deps, id, signalName),
  pause: id => pauseContainer(deps, id, true),
  unpause: id => pauseContainer(deps, id, false),
  rename: (id, name) => renameContainer(deps, id, name),
  update: (id, changes) => updateContainer(deps, id, changes),
  remove: (id, options) => (options.link ? removeLink(deps, id) : removeContainer(deps, id, options)),
  prune: filters => pruneContainers(deps, filters),
  wait: (id, condition, options) => waitContainer(deps, id, condition, options?.signal),
  attach: (id, options) => attachContainer(deps, id, options),
  logs: (id, options) => readLogs(deps, id, options),
  resize: (id, size) => resizeContainer(deps, id, size),
  top: (id, psArgs) => topContainer(deps, id, psArgs),
  changes: id => changesOf(deps, id),
  stats: (id, options) => statsOf(deps, id, options),
  createCheckpoint: (id, options) => createCheckpoint(deps, id, options),
  listCheckpoints: (id, directory) => listCheckpoints(deps, id, directory),
  removeCheckpoint: (id, name, directory) => removeCheckpoint(deps, id, name, directory),
  exportTar: id => exportContainer(deps, id),
  statPath: (id, path) => statInContainer(deps, id, path),
  getArchive: (id, path) => getArchive(deps, id, path),
  putArchive: (id, path, tar, options) => putArchive(deps, id, path, tar, options),
})
