import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Semaphore } from '../base/semaphore.ts'
import { showCgroups } from '../kernel/cgroup.ts'
import { actAs } from '../kernel/file-owner.ts'
import { coverShifted, mountIdMapped } from '../kernel/id-mapped-mount.ts'
import { mountOf } from '../kernel/mount-of.ts'
import { inPrivateMounts, mount, mountFlags } from '../kernel/private-mounts.ts'
import { isNull, openPrivateNull } from '../kernel/private-null.ts'
import { sealedProgram } from '../kernel/sealed-program.ts'
import { spawnProcess } from '../kernel/spawn.ts'
import type { Mount, Place } from '../spec/mount.ts'
import { openIdMap } from './id-maps.ts'
import { mountPlaces } from './places.ts'
import type { RuntimeBinary } from './protocol.ts'
import type { Reaper } from './reaper.ts'
import { closeAll } from './stdio.ts'

/** The runtime refused; `message` is its own last word. */
export class RuntimeError extends Error {}

type Stdio = readonly [number, number, number]

export interface Invocation {
  readonly runtime: RuntimeBinary
  readonly args: readonly string[]
  /** where logs of this call go */
  readonly dir: string
  readonly stdio: Stdio
  /** mounted at `<dir>/rootfs`, for this call and what it starts only */
  readonly rootfs?: readonly Mount[]
  readonly places?: readonly Place[]
}

const pageBytes = 4000
const stuckMillis = 2000

/** An overlay of many layers outgrows the one page that mount(2) takes: name its directories by descriptor then. */
function shorten(options: readonly string[]): { readonly data: string; readonly fds: readonly number[] } {
  const data = options.join(',')
  if (data.length < pageBytes) return { data, fds: [] }
  const fds: number[] = []
  const short = options.map(option => {
    if (!option.startsWith('lowerdir=')) return option
    const paths = option.slice('lowerdir='.length).split(':')
    return `lowerdir=${paths.map(path => `/proc/self/fd/${fds[fds.push(openSync(path, 'r')) - 1]}`).join(':')}`
  })
  return { data: short.join(','), fds }
}

function mountRootfs(mounts: readonly Mount[], target: string, opened: number[]): void {
  for (const { type, source, options, shift } of mounts) {
    using _owner = shift && actAs(shift.root)
    if (type === 'bind') mount(source, target, '', mountFlags.bind | mountFlags.recursive)
    else {
      const { data, fds } = shorten(options)
      opened.push(...fds)
      mount(source, target, type, 0, data)
    }
  }
}

/** What the process gets instead of the host's null device, which is not its to change. */
function withOwnNull(stdio: Stdio, dir: string, opened: number[]): Stdio {
  if (!stdio.some(isNull)) return stdio
  const own = openPrivateNull(dir)
  opened.push(own)
  return stdio.map(fd => (isNull(fd) ? own : fd)) as unknown as Stdio
}

function readLog(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // ended before it wrote a word
  }
}

function lastError(path: string): string {
  const lines = readLog(path).trim().split('\n')
  for (const line of lines.reverse()) {
    try {
      const { msg, level } = JSON.parse(line) as { msg?: string; level?: string }
      if (msg && (level === undefined || level === 'error' || level === 'fatal')) return msg
    } catch {
      if (line !== '') return line
    }
  }
  return 'the runtime gave no reason'
}

/** Runs crun, runc or another OCI runtime: https://github.com/opencontainers/runtime-spec/blob/main/runtime.md */
export class OciRuntime {
  readonly #root: string
  readonly #reaper: Reaper
  readonly #places = new Semaphore(4)

  /** @param root where runtimes keep their own state */
  constructor(root: string, reaper: Reaper) {
    this.#root = root
    this.#reaper = reaper
    mkdirSync(root, { recursive: true, mode: 0o700 })
  }

  /** What runc itself knows of a container. */
  statePath(id: string): string {
    return join(this.#root, id, 'state.json')
  }

  /** @throws RuntimeError when it ends with anything but 0 */
  async run(invocation: Invocation): Promise<void> {
    using _place = await this.#takePlace()
    const log = join(invocation.dir, 'runtime.log')
    rmSync(log, { force: true })
    const since = performance.now()
    const idMaps = await this.#idMapsOf(invocation.places)
    const exitCode = await this.#reaper.wait(this.#spawn(invocation, log, idMaps), since)
    if (exitCode !== 0) throw new RuntimeError(lastError(log))
  }

  /** Few run at a time, to be quick; one that takes longer than any should is stuck, and holds up nobody else. */
  async #takePlace(): Promise<Disposable> {
    const place = await this.#places.acquire()
    const timer = setTimeout(() => place[Symbol.dispose](), stuckMillis)
    return {
      [Symbol.dispose]: () => {
        clearTimeout(timer)
        place[Symbol.dispose]()
      },
    }
  }

  /** Removes the runtime's own record of a container that has ended. */
  async forget({ runtime, id }: { readonly runtime: RuntimeBinary; readonly id: string }): Promise<void> {
    if (runtime.kind !== 'other') return rmSync(join(this.#root, id), { recursive: true, force: true })
    const nothing = openSync('/dev/null', 'r+')
    try {
      // not in the bundle: that may be gone by now
      await this.run({ runtime, args: ['delete', '--force', id], dir: this.#root, stdio: [nothing, nothing, nothing] })
    } finally {
      closeSync(nothing)
    }
  }

  async #idMapsOf(places: readonly Place[] = []): Promise<ReadonlyMap<Place, number>> {
    const found = new Map<Place, number>()
    for (const place of places) if (place.idMap) found.set(place, await openIdMap(place.idMap, this.#reaper))
    return found
  }

  #spawn(
    { runtime, args, dir, stdio, rootfs = [], places = [] }: Invocation,
    log: string,
    idMaps: ReadonlyMap<Place, number>,
  ): number {
    const argv = [runtime.path, ...runtime.args, '--root', this.#root, '--log', log, '--log-format', 'json', ...args]
    const program = runtime.kind === 'other' ? runtime.path : sealedProgram(runtime.path)
    const opened: number[] = [...idMaps.values()]
    try {
      return inPrivateMounts(() => {
        showCgroups(runtime.kind === 'crun')
        coverShifted([...rootfs, ...places.flatMap(({ mounts }) => mounts)])
        mountRootfs(rootfs, join(dir, 'rootfs'), opened)
        mountPlaces(places, dir, (place, target) => {
          const idMap = idMaps.get(place)
          if (place.of) mountOf(place.of, target)
          else if (idMap === undefined) mountRootfs(place.mounts, target, opened)
          else mountIdMapped(place.mounts[0]!.source, target, idMap)
        })
        return spawnProcess(program, argv, {
          stdio: withOwnNull(stdio, dir, opened),
          env: { PATH: process.env.PATH ?? '' },
        })
      })
    } finally {
      closeAll(opened)
    }
  }
}
