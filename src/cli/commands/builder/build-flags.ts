import { checking, envVariable, extraHost, label, parseUlimit } from '../../options/checks.ts'
import { contentTrust } from '../../options/common.ts'
import { imageName } from '../../options/image-name.ts'

/** Options of the classic builder. */
export const buildFlags = {
  'add-host': { type: 'list', help: 'Extra line of /etc/hosts for RUN (host:ip)', check: extraHost },
  'build-arg': { type: 'list', help: 'Value of an ARG', check: envVariable },
  'cache-from': { type: 'strings', help: 'Image whose layers may serve as cache' },
  'cgroup-parent': { type: 'string', help: 'Control group above RUN' },
  compress: { type: 'bool', help: 'Send the context through gzip' },
  'cpu-period': { type: 'int64', help: 'Period of the CPU scheduler in microseconds' },
  'cpu-quota': { type: 'int64', help: 'CPU time in each period in microseconds' },
  'cpu-shares': { type: 'int64', short: 'c', help: 'Weight among others that want the CPU' },
  'cpuset-cpus': { type: 'string', help: 'CPUs that RUN may use (0-3, 0,1)' },
  'cpuset-mems': { type: 'string', help: 'Memory nodes that RUN may use (0-3, 0,1)' },
  'disable-content-trust': contentTrust,
  file: { type: 'string', short: 'f', help: 'Dockerfile, PATH/Dockerfile unless told otherwise' },
  'force-rm': { type: 'bool', help: 'Delete intermediate containers even after a failure' },
  iidfile: { type: 'string', help: "File that gets the image's id" },
  isolation: { type: 'string', help: 'How containers are fenced off' },
  label: { type: 'list', help: 'Label', check: label },
  memory: { type: 'bytes', short: 'm', help: 'Most memory' },
  'memory-swap': { type: 'bytes', help: 'Memory and swap together, -1 for no limit' },
  network: { type: 'string', help: 'Network of RUN', default: 'default' },
  'no-cache': { type: 'bool', help: 'Do every step anew' },
  platform: { type: 'string', help: 'Platform of the image', since: '1.38' },
  pull: { type: 'bool', help: 'Look for newer base images' },
  quiet: { type: 'bool', short: 'q', help: 'Print the id only' },
  rm: { type: 'bool', help: 'Delete intermediate containers', default: true },
  'security-opt': { type: 'strings', help: 'Security option' },
  'shm-size': { type: 'bytes', help: 'Size of /dev/shm' },
  squash: { type: 'bool', help: 'One layer for all that is new', experimental: true },
  tag: { type: 'list', short: 't', help: 'Name of the image, name:tag', check: imageName },
  target: { type: 'string', help: 'Stage to stop at' },
  ulimit: { type: 'ulimit', help: 'Resource limit', check: checking(parseUlimit) },
} as const
