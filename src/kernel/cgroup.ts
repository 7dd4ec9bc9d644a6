import { mkdirSync, openSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { hasCode, ignoring } from '../base/errors.ts'
import { cgroupMode } from '../spec/host.ts'
import { inPrivateMounts, mount, mountFlags, unmount } from './private-mounts.ts'

const base = '/sys/fs/cgroup'
const mountOptions = mountFlags.noSuid | mountFlags.noDev | mountFlags.noExec

/** Controllers of each v1 hierarchy, such as `cpu,cpuacct` or `name=systemd`; empty on a pure v2 host. */
const hierarchies = (): readonly string[] =>
  readFileSync('/proc/self/cgroup', 'utf8')
    .split('\n')
    .map(line => line.split(':')[1] ?? '')
    .filter(name => name !== '')

const isMounted = (): boolean =>
  / \/sys\/fs\/cgroup(\/\S*)? \S+( \S+)* - cgroup2? /.test(readFileSync('/proc/self/mountinfo', 'utf8'))

/** Directory under /sys/fs/cgroup where a hierarchy is mounted. */
const folderOf = (controllers: string): string => controllers.replace(/^name=/, '')

function mountHierarchies(): void {
  const names = hierarchies()
  if (names.length === 0) {
    mount('cgroup2', base, 'cgroup2', mountOptions)
    return
  }
  mount('tmpfs', base, 'tmpfs', mountOptions, 'mode=755')
  for (const name of names) {
    mkdirSync(join(base, folderOf(name)))
    mount('cgroup', join(base, folderOf(name)), 'cgroup', mountOptions, name)
  }
}

/** `ip netns exec` hides the control groups of whoever it starts; this tells whether that happened. */
const isHidden = !isMounted()

/**
 * For use inside `inPrivateMounts`: shows the control groups as a runtime expects them.
 *
 * @param hideUnified take the v2 hierarchy of a hybrid host away (crun refuses a mixture)
 */
export function showCgroups(hideUnified: boolean): void {
  if (isHidden) mountHierarchies()
  else if (hideUnified && cgroupMode === 'hybrid') {
    unmount(join(base, 'unified'))
    // crun makes its folders there all the same, where systemd keeps what lies below read-only
    mount('tmpfs', join(base, 'unified'), 'tmpfs', mountOptions, 'mode=755')
  }
}

let roots: ReadonlyMap<string, string> | undefined

/** Controller → path of its hierarchy, good in this process only; on v2 the one key is empty. */
function cgroupRoots(): ReadonlyMap<string, string> {
  roots ??= inPrivateMounts(() => {
    showCgroups(false)
    const hold = (folder: string) => `/proc/self/fd/${openSync(join(base, folder), 'r')}`
    if (cgroupMode === 'v2') return new Map([['', hold('')]])
    return new Map(
      hierarchies().flatMap(name => {
        const path = ignoring(['ENOENT'], () => hold(folderOf(name)))
        return path
          ? folderOf(name)
              .split(',')
              .map(controller => [controller, path] as const)
          : []
      }),
    )
  })
  return roots
}

/** Names of the controllers that this host offers. */
export function cgroupControllers(): readonly string[] {
  if (cgroupMode !== 'v2') return [...cgroupRoots().keys()]
  return (readCgroupFile('', '/', 'cgroup.controllers') ?? '').trim().split(' ')
}

const pathOf = (controller: string, group: string, file = ''): string | undefined => {
  const root = cgroupRoots().get(cgroupMode === 'v2' ? '' : controller)
  return root && join(root, group, file)
}

/** Content of a control file; undefined when the controller, the group or the file is not there. */
export function readCgroupFile(controller: string, group: string, file: string): string | undefined {
  const path = pathOf(controller, group, file)
  if (!path) return undefined
  return ignoring(['ENOENT', 'ENODEV', 'EOPNOTSUPP'], () => readFileSync(path, 'utf8'))
}

/** @throws the kernel's error when it refuses the value; false when there is no such file */
export function writeCgroupFile(controller: string, group: string, file: string, value: string): boolean {
  const path = pathOf(controller, group, file)
  if (!path) return false
  try {
    writeFileSync(path, value)
    return true
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false
    throw error
  }
}

/** Pids of every process in the group. */
export const cgroupPids = (group: string): readonly number[] =>
  (
    readCgroupFile(cgroupMode === 'v2' ? '' : 'pids', group, 'cgroup.procs') ??
    readCgroupFile('memory', group, 'cgroup.procs') ??
    ''
  )
    .split('\n')
    .filter(line => line !== '')
    .map(Number)

function removeFolders(folder: string): boolean {
  try {
    rmdirSync(folder)
    return true
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return true
  }
  // what a container made below its own group goes first
  const below = ignoring(['ENOENT'], () => readdirSync(folder, { withFileTypes: true })) ?? []
  const results = below.filter(entry => entry.isDirectory()).map(({ name }) => removeFolders(join(folder, name)))
  if (results.length === 0 || !results.every(Boolean)) return false
  return removeFolders(folder)
}

/** Removes the group, and those below it, from every hierarchy; false when processes are still inside one of them. */
export function removeCgroup(group: string): boolean {
  const folders = new Set(cgroupRoots().values())
  return [...folders].map(root => removeFolders(join(root, group))).every(Boolean)
}

/** Number of times the kernel killed a process of the group for want of memory. */
export function oomKills(group: string): number {
  const text =
    cgroupMode === 'v2'
      ? readCgroupFile('', group, 'memory.events')
      : readCgroupFile('memory', group, 'memory.oom_control')
  return Number(/^oom_kill (\d+)$/m.exec(text ?? '')?.[1] ?? 0)
}

/** Freezes all processes of the group, or lets them go on. */
export function setFrozen(group: string, frozen: boolean): void {
  if (cgroupMode === 'v2') writeCgroupFile('', group, 'cgroup.freeze', frozen ? '1' : '0')
  else writeCgroupFile('freezer', group, 'freezer.state', frozen ? 'FROZEN' : 'THAWED')
}

export const isFrozen = (group: string): boolean =>
  cgroupMode === 'v2'
    ? readCgroupFile('', group, 'cgroup.freeze')?.trim() === '1'
    : /^FR(OZEN|EEZING)/.test(readCgroupFile('freezer', group, 'freezer.state') ?? '')

export const parentGroup = (group: string): string => dirname(group)
