import { readdirSync, readFileSync } from 'node:fs'
import type { Lab } from './lab.ts'

const list = (dir: string): readonly string[] => {
  try {
    return readdirSync(dir)
  } catch {
    return []
  }
}

const controllers = list('/sys/fs/cgroup')

function processesOf({ dir }: Lab): readonly string[] {
  return list('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(pid => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
        return command.includes(dir) && !/berthd|berth-supervisor/.test(command) ? [command] : []
      } catch {
        return []
      }
    })
}

/** What containers may leave behind on the host: all of it is empty when none is there. */
export function traces(lab: Lab) {
  return {
    mounts: readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter(line => line.includes(lab.dir)),
    interfaces: (lab.inside('ip', ['-o', 'link']).match(/veth\w+/g) ?? []) as readonly string[],
    groups: controllers.flatMap(name =>
      list(`/sys/fs/cgroup/${name}${lab.cgroupParent}`).filter(entry => /^[0-9a-f]{64}$/.test(entry)),
    ),
    processes: processesOf(lab),
    tasks: list(`${lab.dir}/exec/tasks`),
    runtime: list(`${lab.dir}/exec/runtime`),
    directories: list(`${lab.dir}/data/containers`),
    roots: list(`${lab.dir}/exec`).filter(name => name.startsWith('root-')),
  }
}

export const noTraces: ReturnType<typeof traces> = {
  mounts: [],
  interfaces: [],
  groups: [],
  processes: [],
  tasks: [],
  runtime: [],
  directories: [],
  roots: [],
}

/** Open descriptors of a process. */
export const descriptorsOf = (pid: number): number => list(`/proc/${pid}/fd`).length
