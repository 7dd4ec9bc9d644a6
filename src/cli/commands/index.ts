import { type Group, type Loader, lazy } from '../command.ts'

const lifeCycle = () => import('./container/life-cycle.ts')
const runs = () => import('./container/run.ts')
const looks = () => import('./container/look.ts')
const archives = () => import('./image/archive.ts')
const images = () => import('./image/change.ts')
const inspects = () => import('./system/inspect.ts')
const versions = () => import('./system/version.ts')
const networks = () => import('./network/verbs.ts')
const volumes = () => import('./volume/verbs.ts')

const container: Readonly<Record<string, Loader>> = {
  create: lazy(runs, module => module.create),
  top: lazy(looks, module => module.top),
  diff: lazy(looks, module => module.diff),
  port: lazy(looks, module => module.port),
  exec: lazy(
    () => import('./container/exec.ts'),
    module => module.exec,
  ),
  inspect: lazy(inspects, module => module.container),
  kill: lazy(lifeCycle, module => module.kill),
  logs: lazy(
    () => import('./container/logs.ts'),
    module => module.logs,
  ),
  ls: lazy(
    () => import('./container/list.ts'),
    module => module.list,
  ),
  pause: lazy(lifeCycle, module => module.pause),
  rename: lazy(lifeCycle, module => module.rename),
  restart: lazy(lifeCycle, module => module.restart),
  rm: lazy(lifeCycle, module => module.rm),
  run: lazy(runs, module => module.run),
  start: lazy(
    () => import('./container/start.ts'),
    module => module.start,
  ),
  stop: lazy(lifeCycle, module => module.stop),
  unpause: lazy(lifeCycle, module => module.unpause),
  wait: lazy(lifeCycle, module => module.wait),
}

const image: Readonly<Record<string, Loader>> = {
  inspect: lazy(inspects, module => module.image),
  ls: lazy(
    () => import('./image/list.ts'),
    module => module.list,
  ),
  pull: lazy(
    () => import('./image/pull.ts'),
    module => module.pull,
  ),
  load: lazy(archives, module => module.load),
  rm: lazy(images, module => module.rm),
  save: lazy(archives, module => module.save),
  tag: lazy(images, module => module.tag),
}

/** Commands that stand behind a noun. */
export const groups: Readonly<Record<string, Group>> = {
  container: { summary: 'Work with containers', commands: container, aliases: { list: 'ls', ps: 'ls', remove: 'rm' } },
  image: { summary: 'Work with images', commands: image, aliases: { list: 'ls', remove: 'rm' } },
  network: {
    summary: 'Work with networks',
    aliases: { list: 'ls', remove: 'rm' },
    commands: {
      connect: lazy(networks, module => module.connect),
      create: lazy(networks, module => module.create),
      disconnect: lazy(networks, module => module.disconnect),
      inspect: lazy(inspects, module => module.network),
      ls: lazy(networks, module => module.list),
      rm: lazy(networks, module => module.rm),
    },
  },
  system: { summary: 'Work with the engine itself', commands: { info: lazy(versions, module => module.info) } },
  volume: {
    summary: 'Work with volumes',
    aliases: { list: 'ls', remove: 'rm' },
    commands: {
      create: lazy(volumes, module => module.create),
      inspect: lazy(inspects, module => module.volume),
      ls: lazy(volumes, module => module.list),
      rm: lazy(volumes, module => module.rm),
    },
  },
}

const { inspect: _container, ls: ps, ...short } = container

/** Commands that stand alone. */
export const topLevel: Readonly<Record<string, Loader>> = {
  ...short,
  ps: ps!,
  images: image.ls!,
  info: lazy(versions, module => module.info),
  inspect: lazy(inspects, module => module.inspect),
  load: image.load!,
  pull: image.pull!,
  save: image.save!,
  rmi: image.rm!,
  tag: image.tag!,
  version: lazy(versions, module => module.version),
}
