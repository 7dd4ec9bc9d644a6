import { existsSync, readFileSync } from 'node:fs'
import { messageOf } from '../base/errors.ts'
import { parseMemorySize } from '../base/size.ts'
import type { HostConfig } from '../spec/engine-api/container.ts'
import { cgroupMode } from '../spec/host.ts'
import { boolValue, ConfigError, mapValue, stringValue, type Values } from './config.ts'

type Ulimit = NonNullable<HostConfig['Ulimits']>[number]

const failed = (text: string) => new ConfigError(`failed to start daemon: ${text}`)

function parseUlimit(name: string, value: unknown): Ulimit {
  if (typeof value === 'object' && value !== null) return { ...(value as Ulimit), Name: name }
  const [, soft, hard = soft] = /^(-?\d+)(?::(-?\d+))?$/.exec(String(value)) ?? []
  if (soft === undefined) throw new ConfigError(`invalid argument "${name}=${value}" for "--default-ulimit" flag`)
  return { Name: name, Hard: Number(hard), Soft: Number(soft) }
}

function seccompProfile(name: string): string | undefined {
  if (name === '' || name === 'builtin') return undefined
  if (name === 'unconfined') return name
  try {
    return readFileSync(name, 'utf8')
  } catch (error) {
    throw failed(`opening seccomp profile (${name}) failed: ${messageOf(error)}`)
  }
}

function oneOf(values: Values, key: string, known: readonly string[], fallback: string): string {
  const mode = stringValue(values, key, fallback)
  if (!known.includes(mode))
    throw failed(`${key === 'default-ipc-mode' ? 'IPC' : 'cgroup namespace'} mode is invalid: ${mode}`)
  return mode
}

const initPaths = ['/usr/bin/docker-init', '/usr/bin/tini-static', '/usr/bin/tini', '/usr/bin/catatonit']

/** What containers get that do not say, and how they are run: https://docs.docker.com/reference/cli/dockerd/ */
export const containerSettings = (values: Values) => ({
  logDriver: stringValue(values, 'log-driver', 'json-file'),
  logOptions: mapValue(values, 'log-opts'),
  defaultShmSizeBytes: parseMemorySize(stringValue(values, 'default-shm-size', '64m')) ?? 64 << 20,
  cgroupParent: stringValue(values, 'cgroup-parent', '/berth'),
  initPath: stringValue(values, 'init-path', '') || initPaths.find(existsSync),
  noNewPrivileges: boolValue(values, 'no-new-privileges', false),
  liveRestore: boolValue(values, 'live-restore', false),
  defaultUlimits: Object.entries((values['default-ulimits'] ?? {}) as Readonly<Record<string, unknown>>).map(
    ([name, value]) => parseUlimit(name, value),
  ),
  defaultIpcMode: oneOf(values, 'default-ipc-mode', ['private', 'shareable'], 'private'),
  defaultCgroupnsMode: oneOf(
    values,
    'default-cgroupns-mode',
    ['private', 'host'],
    cgroupMode === 'v2' ? 'private' : 'host',
  ),
  seccompProfile: seccompProfile(stringValue(values, 'seccomp-profile', '')),
})
