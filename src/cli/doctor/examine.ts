import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { release } from 'node:os'

/** Something about this host, and what to do when it is not as it should be. */
export interface Finding {
  readonly what: string
  readonly level: 'good' | 'poor' | 'bad'
  readonly advice: string
}

const text = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '')
const runs = (program: string, ...args: readonly string[]): boolean =>
  spawnSync(program, args, { stdio: 'ignore' }).status === 0

const finding = (isGood: boolean, otherwise: 'poor' | 'bad', good: string, wrong: string, advice: string): Finding =>
  isGood ? { what: good, level: 'good', advice } : { what: wrong, level: otherwise, advice }

function kernel(): Finding {
  const [major = 0, minor = 0] = release().split('.').map(Number)
  return finding(
    major > 5 || (major === 5 && minor >= 10),
    'bad',
    `Linux ${release()}`,
    `Linux ${release()} is too old`,
    'Berth needs Linux 5.10 or newer',
  )
}

const fileSystem = (name: string, otherwise: 'poor' | 'bad', advice: string): Finding =>
  finding(
    text('/proc/filesystems').includes(`\t${name}\n`) || runs('modinfo', name),
    otherwise,
    `${name} file systems`,
    `no ${name} file systems`,
    advice,
  )

function cgroups(): readonly Finding[] {
  const mounts = text('/proc/mounts')
  const isUnified = existsSync('/sys/fs/cgroup/cgroup.controllers')
  const isOld = mounts.includes(' cgroup ')
  const kind = isUnified ? 'control groups, version 2' : 'control groups, version 1'
  const listed = isUnified
    ? text('/sys/fs/cgroup/cgroup.controllers').trim().split(' ')
    : text('/proc/cgroups')
        .split('\n')
        .slice(1)
        .filter(line => line.endsWith('\t1'))
        .map(line => line.split('\t')[0]!)
  const missing = ['cpu', 'cpuset', 'memory', 'pids'].filter(name => !listed.includes(name))
  return [
    finding(isUnified || isOld, 'bad', kind, 'no control groups are mounted', 'mount -t cgroup2 none /sys/fs/cgroup'),
    finding(
      missing.length === 0,
      'poor',
      'limits for CPU, memory and processes',
      `no limits for: ${missing.join(', ')}`,
      'enable these controllers in the kernel or in its command line',
    ),
  ]
}

const namespaces = (): Finding => {
  const missing = ['mnt', 'net', 'pid', 'ipc', 'uts'].filter(name => !existsSync(`/proc/self/ns/${name}`))
  return finding(
    missing.length === 0,
    'bad',
    'namespaces',
    `no namespaces of kind ${missing.join(', ')}`,
    'use a kernel that is built with them',
  )
}

const runtime = (): Finding => {
  const found = ['crun', 'runc'].filter(name => runs(name, '--version'))
  return finding(
    found.length > 0,
    'bad',
    `OCI runtime: ${found.join(', ')}`,
    'no OCI runtime',
    'apt-get install crun (or runc)',
  )
}

const nftables = (): Finding =>
  finding(
    runs('nft', 'list', 'tables'),
    'bad',
    'nftables',
    'nftables cannot be used',
    'apt-get install nftables, and run this as root',
  )

const forwarding = (): Finding =>
  finding(
    text('/proc/sys/net/ipv4/ip_forward').trim() === '1',
    'poor',
    'IPv4 forwarding',
    'IPv4 forwarding is off',
    'the engine turns it on when it starts; sysctl -w net.ipv4.ip_forward=1',
  )

const seccomp = (): Finding =>
  finding(
    /^Seccomp:/m.test(text('/proc/self/status')),
    'poor',
    'seccomp',
    'no seccomp',
    'containers run without a filter on system calls',
  )

const appArmor = (): Finding =>
  finding(
    text('/sys/module/apparmor/parameters/enabled').startsWith('Y'),
    'poor',
    'AppArmor',
    'no AppArmor',
    'containers run without its profile; boot with apparmor=1 security=apparmor',
  )

const bridge = (): Finding =>
  finding(
    existsSync('/sys/module/bridge') ||
      runs('modinfo', 'bridge') ||
      existsSync('/proc/net/vlan') ||
      runs('ip', 'link', 'show', 'type', 'bridge'),
    'bad',
    'network bridges',
    'no network bridges',
    'use a kernel with CONFIG_BRIDGE',
  )

const rights = (): Finding =>
  finding(
    process.getuid?.() === 0,
    'poor',
    'run by root',
    'not run by root',
    'some of these answers are better as root',
  )

/** Looks at everything that an engine needs of its host. */
export const examine = (): readonly Finding[] => [
  kernel(),
  rights(),
  namespaces(),
  ...cgroups(),
  fileSystem('overlay', 'bad', 'modprobe overlay'),
  runtime(),
  nftables(),
  bridge(),
  forwarding(),
  seccomp(),
  appArmor(),
]
