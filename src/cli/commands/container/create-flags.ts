import * as checks from '../../options/checks.ts'
import { contentTrust, platform } from '../../options/common.ts'
import { parseGpus } from '../../options/gpus.ts'
import { parseMount } from '../../options/mount.ts'
import { parseNetwork } from '../../options/network.ts'

const resources = {
  'blkio-weight': { type: 'uint16', help: 'Weight among others that want the disk, 10 to 1000, 0 for none' },
  'blkio-weight-device': {
    type: 'list',
    help: 'Weight for one device',
    shownDefault: '[]',
    check: checks.weightDevice,
  },
  'cgroup-parent': { type: 'string', help: 'Control group above it' },
  'cpu-count': { type: 'int64', help: 'Number of CPUs (Windows)', onlyOn: 'windows' },
  'cpu-percent': { type: 'int64', help: 'Share of the CPUs (Windows)', onlyOn: 'windows' },
  'cpu-period': { type: 'int64', help: 'Period of the CPU scheduler in microseconds' },
  'cpu-quota': { type: 'int64', help: 'CPU time in each period in microseconds' },
  'cpu-rt-period': { type: 'int64', help: 'Real-time period in microseconds', since: '1.25' },
  'cpu-rt-runtime': { type: 'int64', help: 'Real-time share in microseconds', since: '1.25' },
  'cpu-shares': { type: 'int64', short: 'c', help: 'Weight among others that want the CPU' },
  cpus: { type: 'decimal', help: 'How many CPUs it may use', since: '1.25' },
  'cpuset-cpus': { type: 'string', help: 'CPUs it may run on (0-3, 0,1)' },
  'cpuset-mems': { type: 'string', help: 'Memory nodes it may use (0-3, 0,1)' },
  device: { type: 'list', help: 'Device of the host to hand in' },
  'device-cgroup-rule': { type: 'list', help: 'Further rule about devices', check: checks.deviceRule },
  'device-read-bps': {
    type: 'list',
    help: 'Most bytes a second read from a device',
    shownDefault: '[]',
    check: checks.throttleBytes,
  },
  'device-read-iops': {
    type: 'list',
    help: 'Most reads a second from a device',
    shownDefault: '[]',
    check: checks.throttleRate,
  },
  'device-write-bps': {
    type: 'list',
    help: 'Most bytes a second written to a device',
    shownDefault: '[]',
    check: checks.throttleBytes,
  },
  'device-write-iops': {
    type: 'list',
    help: 'Most writes a second to a device',
    shownDefault: '[]',
    check: checks.throttleRate,
  },
  gpus: {
    type: 'gpu-request',
    help: "GPUs to hand in, 'all' for every one",
    since: '1.40',
    check: checks.checking(parseGpus),
  },
  'io-maxbandwidth': { type: 'bytes', help: 'Most bytes a second of the system drive (Windows)', onlyOn: 'windows' },
  'io-maxiops': { type: 'uint64', help: 'Most operations a second of the system drive (Windows)', onlyOn: 'windows' },
  'kernel-memory': { type: 'bytes', help: 'Most memory of the kernel' },
  memory: { type: 'bytes', short: 'm', help: 'Most memory' },
  'memory-reservation': { type: 'bytes', help: 'Memory it should stay below' },
  'memory-swap': { type: 'bytes', help: 'Memory and swap together, -1 for no limit' },
  'memory-swappiness': { type: 'int64', help: 'How soon its memory is swapped, 0 to 100', default: -1 },
  'oom-kill-disable': { type: 'bool', help: 'Never kill it for want of memory' },
  'oom-score-adj': { type: 'int', help: 'Who is killed first for want of memory, -1000 to 1000' },
  'pids-limit': { type: 'int64', help: 'Most processes, -1 for no limit' },
  'shm-size': { type: 'bytes', help: 'Size of /dev/shm' },
  ulimit: { type: 'ulimit', help: 'Resource limit', check: checks.checking(checks.parseUlimit) },
} as const

const network = {
  type: 'network',
  help: 'Network to join',
  complete: 'network',
  check: checks.checking(parseNetwork),
} as const
const networkAlias = { type: 'list', help: 'Further name within the network' } as const
const dnsOption = { type: 'list', help: 'Option of resolv.conf' } as const

const networking = {
  'add-host': { type: 'list', help: 'Extra line of /etc/hosts (host:ip)', check: checks.extraHost },
  dns: { type: 'list', help: 'Name server', check: checks.ipAddress },
  'dns-opt': { ...dnsOption, hidden: true },
  'dns-option': dnsOption,
  'dns-search': { type: 'list', help: 'Search domain', check: checks.dnsSearch },
  domainname: { type: 'string', help: 'NIS domain' },
  expose: { type: 'list', help: 'Port or range to expose' },
  hostname: { type: 'string', short: 'h', help: 'Host name inside' },
  ip: { type: 'string', help: 'IPv4 address (172.30.100.104)' },
  ip6: { type: 'string', help: 'IPv6 address (2001:db8::33)' },
  link: { type: 'list', help: 'Other container to know by name', complete: 'container', check: checks.link },
  'link-local-ip': { type: 'list', help: 'Link-local address' },
  'mac-address': { type: 'string', help: 'MAC address (92:d0:c6:0a:29:33)' },
  net: { ...network, hidden: true },
  'net-alias': { ...networkAlias, hidden: true },
  network,
  'network-alias': networkAlias,
  publish: { type: 'list', short: 'p', help: 'Port of the host for a port inside' },
  'publish-all': { type: 'bool', short: 'P', help: 'A free port of the host for each exposed one' },
} as const

const health = {
  'health-cmd': { type: 'string', help: 'Command that checks health' },
  'health-interval': { type: 'duration', help: 'Time between two checks (ms|s|m|h)' },
  'health-retries': { type: 'int', help: 'Failures in a row until unhealthy' },
  'health-start-interval': { type: 'duration', help: 'Time between checks while starting (ms|s|m|h)', since: '1.44' },
  'health-start-period': { type: 'duration', help: 'Time in which failures do not count (ms|s|m|h)', since: '1.29' },
  'health-timeout': { type: 'duration', help: 'Longest time of one check (ms|s|m|h)' },
  'no-healthcheck': { type: 'bool', help: "Ignore the image's HEALTHCHECK" },
} as const

const fences = {
  'cap-add': { type: 'list', help: 'Capability to give' },
  'cap-drop': { type: 'list', help: 'Capability to take away' },
  cgroupns: {
    type: 'string',
    help: 'Control group namespace: host, private, or empty for what the engine does by default',
    since: '1.41',
  },
  'group-add': { type: 'list', help: 'Further group' },
  ipc: { type: 'string', help: 'IPC namespace' },
  isolation: { type: 'string', help: 'How containers are fenced off' },
  pid: { type: 'string', help: 'PID namespace' },
  privileged: { type: 'bool', help: 'Take away all fences' },
  'read-only': { type: 'bool', help: 'Root file system without writing' },
  runtime: { type: 'string', help: 'OCI runtime' },
  'security-opt': { type: 'list', help: 'Security option' },
  sysctl: { type: 'map', help: 'Kernel setting', check: checks.sysctl },
  userns: { type: 'string', help: 'User namespace' },
  uts: { type: 'string', help: 'UTS namespace' },
} as const

const files = {
  mount: { type: 'mount', help: 'File system to mount (type=bind,src=/a,dst=/b)', check: checks.checking(parseMount) },
  'storage-opt': { type: 'list', help: 'Option for the storage driver' },
  tmpfs: { type: 'list', help: 'Folder in memory' },
  'use-api-socket': { type: 'bool', help: "Mount the engine's socket and hand in our credentials" },
  volume: { type: 'list', short: 'v', help: 'Volume or folder of the host', complete: 'volume' },
  'volume-driver': { type: 'string', help: 'Driver that makes its volumes' },
  'volumes-from': { type: 'list', help: 'Container whose volumes to share', complete: 'container' },
} as const

/** Options that `run` and `create` share. */
export const createFlags = {
  ...resources,
  ...networking,
  ...health,
  ...fences,
  ...files,
  annotation: { type: 'map', help: 'Annotation for the OCI runtime', since: '1.43' },
  attach: { type: 'list', short: 'a', help: 'Stream to join: stdin, stdout or stderr', check: checks.attachStream },
  cidfile: { type: 'string', help: 'File that gets the id' },
  'disable-content-trust': contentTrust,
  entrypoint: { type: 'string', help: "Program to start instead of the image's ENTRYPOINT" },
  env: { type: 'list', short: 'e', help: 'Environment variable', check: checks.envVariable },
  'env-file': { type: 'list', help: 'File of environment variables' },
  init: { type: 'bool', help: 'Run an init that passes signals on and reaps', since: '1.25' },
  interactive: { type: 'bool', short: 'i', help: 'Keep standard input open' },
  label: { type: 'list', short: 'l', help: 'Label', check: checks.label },
  'label-file': { type: 'list', help: 'File of labels' },
  'log-driver': { type: 'string', help: 'Who keeps the logs' },
  'log-opt': { type: 'list', help: 'Option for the log driver' },
  name: { type: 'string', help: 'Name of the container' },
  platform: { ...platform, since: '1.32' },
  pull: {
    type: 'string',
    help: 'When to fetch the image: "always", "missing" or "never"',
    default: 'missing',
    complete: ['always', 'missing', 'never'],
  },
  quiet: { type: 'bool', short: 'q', help: 'No words about fetching' },
  restart: {
    type: 'string',
    help: 'What to do after it ends',
    default: 'no',
    complete: ['always', 'no', 'on-failure', 'unless-stopped'],
  },
  rm: { type: 'bool', help: 'Delete it and its anonymous volumes when it ends' },
  'stop-signal': { type: 'string', help: 'Signal that asks it to end' },
  'stop-timeout': { type: 'int', help: 'Seconds of patience at stop', since: '1.25' },
  tty: { type: 'bool', short: 't', help: 'Give it a terminal' },
  user: { type: 'string', short: 'u', help: 'User to run as (name|uid[:group|gid])' },
  workdir: { type: 'string', short: 'w', help: 'Folder to start in' },
} as const
