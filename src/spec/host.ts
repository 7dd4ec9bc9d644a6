import { readFileSync } from 'node:fs'

/** Which control groups this host has; hybrid: v1 controllers with a v2 hierarchy beside them. */
export type CgroupMode = 'v1' | 'hybrid' | 'v2'

const hasV1Controllers = readFileSync('/proc/self/cgroup', 'utf8')
  .split('\n')
  .some(line => /^\d+:[^:=]+:/.test(line))

const hasUnifiedMount = / \/sys\/fs\/cgroup\/unified .* - cgroup2 /.test(readFileSync('/proc/self/mountinfo', 'utf8'))

export const cgroupMode: CgroupMode = hasV1Controllers ? (hasUnifiedMount ? 'hybrid' : 'v1') : 'v2'
