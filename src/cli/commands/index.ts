import type { Group, Loader } from '../command.ts'

// A command is loaded when it is wanted: reading all of them would double the time of a short one.

const container: Readonly<Record<string, Loader>> = {
  attach: async () => (await import('./container/attach.ts')).attach,
  commit: async () => (await import('./container/commit.ts')).commit,
  cp: async () => (await import('./container/cp.ts')).cp,
  create: async () => (await import('./container/create.ts')).create,
  diff: async () => (await import('./container/diff.ts')).diff,
  exec: async () => (await import('./container/exec.ts')).exec,
  export: async () => (await import('./container/export.ts')).exportTar,
  inspect: async () => (await import('./system/inspect.ts')).container,
  kill: async () => (await import('./container/kill.ts')).kill,
  logs: async () => (await import('./container/logs.ts')).logs,
  ls: async () => (await import('./container/list.ts')).list,
  pause: async () => (await import('./container/pause.ts')).pause,
  port: async () => (await import('./container/port.ts')).port,
  prune: async () => (await import('./container/prune.ts')).prune,
  rename: async () => (await import('./container/rename.ts')).rename,
  restart: async () => (await import('./container/stop.ts')).restart,
  rm: async () => (await import('./container/rm.ts')).rm,
  run: async () => (await import('./container/run.ts')).run,
  start: async () => (await import('./container/start.ts')).start,
  stats: async () => (await import('./container/stats.ts')).stats,
  stop: async () => (await import('./container/stop.ts')).stop,
  top: async () => (await import('./container/top.ts')).top,
  unpause: async () => (await import('./container/pause.ts')).unpause,
  update: async () => (await import('./container/update.ts')).update,
  wait: async () => (await import('./container/wait.ts')).wait,
}

const build: Loader = async () => (await import('./builder/build.ts')).buildCommand

const image: Readonly<Record<string, Loader>> = {
  build,
  history: async () => (await import('./image/history.ts')).history,
  import: async () => (await import('./image/import.ts')).importTar,
  inspect: async () => (await import('./system/inspect.ts')).image,
  load: async () => (await import('./image/load.ts')).load,
  ls: async () => (await import('./image/list.ts')).list,
  prune: async () => (await import('./image/prune.ts')).prune,
  pull: async () => (await import('./image/pull.ts')).pull,
  push: async () => (await import('./image/push.ts')).push,
  rm: async () => (await import('./image/rm.ts')).rm,
  save: async () => (await import('./image/save.ts')).save,
  tag: async () => (await import('./image/tag.ts')).tag,
}

const system: Readonly<Record<string, Loader>> = {
  check: async () => (await import('./system/check.ts')).check,
  df: async () => (await import('./system/df.ts')).df,
  'dial-stdio': async () => (await import('./system/dial-stdio.ts')).dialStdio,
  doctor: async () => (await import('./system/doctor.ts')).doctor,
  events: async () => (await import('./system/events.ts')).events,
  info: async () => (await import('./system/info.ts')).info,
  man: async () => (await import('./system/man.ts')).man,
  prune: async () => (await import('./system/prune.ts')).prune,
}

const checkpoint: Readonly<Record<string, Loader>> = {
  create: async () => (await import('./checkpoint/create.ts')).create,
  ls: async () => (await import('./checkpoint/list.ts')).list,
  rm: async () => (await import('./checkpoint/rm.ts')).rm,
}

const context: Readonly<Record<string, Loader>> = {
  create: async () => (await import('./context/create.ts')).create,
  export: async () => (await import('./context/export.ts')).exportContext,
  import: async () => (await import('./context/import.ts')).importContext,
  inspect: async () => (await import('./context/inspect.ts')).inspect,
  ls: async () => (await import('./context/list.ts')).list,
  rm: async () => (await import('./context/rm.ts')).rm,
  show: async () => (await import('./context/show.ts')).show,
  update: async () => (await import('./context/update.ts')).update,
  use: async () => (await import('./context/use.ts')).use,
}

const manifest: Readonly<Record<string, Loader>> = {
  annotate: async () => (await import('./manifest/annotate.ts')).annotate,
  create: async () => (await import('./manifest/create.ts')).create,
  inspect: async () => (await import('./manifest/inspect.ts')).inspect,
  push: async () => (await import('./manifest/push.ts')).push,
  rm: async () => (await import('./manifest/rm.ts')).rm,
}

const network: Readonly<Record<string, Loader>> = {
  connect: async () => (await import('./network/connect.ts')).connect,
  create: async () => (await import('./network/create.ts')).create,
  disconnect: async () => (await import('./network/disconnect.ts')).disconnect,
  inspect: async () => (await import('./system/inspect.ts')).network,
  ls: async () => (await import('./network/list.ts')).list,
  prune: async () => (await import('./network/prune.ts')).prune,
  rm: async () => (await import('./network/rm.ts')).rm,
}

const plugin: Readonly<Record<string, Loader>> = {
  create: async () => (await import('./plugin/create.ts')).create,
  disable: async () => (await import('./plugin/enable.ts')).disable,
  enable: async () => (await import('./plugin/enable.ts')).enable,
  inspect: async () => (await import('./plugin/inspect.ts')).inspect,
  install: async () => (await import('./plugin/install.ts')).install,
  ls: async () => (await import('./plugin/list.ts')).list,
  push: async () => (await import('./plugin/push.ts')).push,
  rm: async () => (await import('./plugin/rm.ts')).rm,
  set: async () => (await import('./plugin/set.ts')).set,
  upgrade: async () => (await import('./plugin/install.ts')).upgrade,
}

const volume: Readonly<Record<string, Loader>> = {
  clone: async () => (await import('./volume/copy.ts')).clone,
  create: async () => (await import('./volume/create.ts')).create,
  export: async () => (await import('./volume/transfer.ts')).exportVolume,
  import: async () => (await import('./volume/transfer.ts')).importVolume,
  inspect: async () => (await import('./system/inspect.ts')).volume,
  ls: async () => (await import('./volume/list.ts')).list,
  prune: async () => (await import('./volume/prune.ts')).prune,
  rename: async () => (await import('./volume/rename.ts')).rename,
  rm: async () => (await import('./volume/rm.ts')).rm,
  snapshot: async () => (await import('./volume/copy.ts')).snapshot,
  update: async () => (await import('./volume/update.ts')).update,
}

const lists = { list: 'ls', remove: 'rm' } as const

/** Commands that stand behind a noun. */
const plainGroups: Readonly<Record<string, Group>> = {
  builder: {
    summary: 'Build images',
    commands: {
      build,
      caches: async () => (await import('./builder/caches.ts')).listCaches,
      'export-cache': async () => (await import('./builder/caches.ts')).exportCache,
      'import-cache': async () => (await import('./builder/caches.ts')).importCache,
      prune: async () => (await import('./builder/prune.ts')).prune,
    },
  },
  checkpoint: {
    summary: 'Save and restore running containers',
    commands: checkpoint,
    aliases: lists,
    experimental: true,
  },
  container: { summary: 'Work with containers', commands: container, aliases: { ...lists, ps: 'ls' } },
  context: { summary: 'Name engines and choose among them', commands: context, aliases: lists },
  image: { summary: 'Work with images', commands: image, aliases: lists },
  manifest: { summary: 'Look at manifests and make lists of them', commands: manifest },
  network: { summary: 'Work with networks', commands: network, aliases: lists },
  plugin: { summary: "Work with the engine's plugins", commands: plugin, aliases: lists },
  system: { summary: 'Work with the engine itself', commands: system },
  volume: { summary: 'Work with volumes', commands: volume, aliases: lists },
}

/** Groups of a swarm, whose tables are long and rarely wanted. */
export const swarmNames = ['config', 'node', 'secret', 'service', 'stack', 'swarm'] as const

export const groupNames: readonly string[] = [...Object.keys(plainGroups), ...swarmNames]

export const isGroup = (name: string): boolean => groupNames.includes(name)

/** The group of this name; undefined when there is none. */
export async function loadGroup(name: string): Promise<Group | undefined> {
  if (Object.hasOwn(plainGroups, name)) return plainGroups[name]
  if (!swarmNames.includes(name as never)) return undefined
  return (await import('./swarm/index.ts')).swarmGroups[name as (typeof swarmNames)[number]]
}

const { inspect: _inspect, ls: ps, prune: _prune, ...short } = container

/** Commands that stand alone. */
export const topLevel: Readonly<Record<string, Loader>> = {
  ...short,
  build,
  completion: async () => (await import('./completion/completion.ts')).completion,
  __complete: async () => (await import('./completion/answer.ts')).answer,
  __completeNoDesc: async () => (await import('./completion/answer.ts')).answerPlain,
  events: system.events!,
  history: image.history!,
  images: image.ls!,
  import: image.import!,
  info: system.info!,
  inspect: async () => (await import('./system/inspect.ts')).inspect,
  load: image.load!,
  login: async () => (await import('./registry/login.ts')).login,
  logout: async () => (await import('./registry/logout.ts')).logout,
  ps: ps!,
  pull: image.pull!,
  push: image.push!,
  rmi: image.rm!,
  save: image.save!,
  search: async () => (await import('./image/search.ts')).search,
  tag: image.tag!,
  version: async () => (await import('./system/version.ts')).version,
}
