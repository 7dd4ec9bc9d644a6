import { EngineError } from '../base/errors.ts'
import { zeroTime } from '../base/time.ts'
import type { Digest } from '../spec/digest.ts'
import type { ContainerConfig, Health, HostConfig } from '../spec/engine-api/container.ts'
import type { EndpointSettings, PortMap } from '../spec/engine-api/network.ts'
import type { PlannedMount } from '../volume/planned-mount.ts'

export type ContainerStatus = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead'

export interface State {
  readonly status: ContainerStatus
  /** 0 while nothing runs */
  readonly pid: number
  readonly exitCode: number
  readonly error: string
  readonly oomKilled: boolean
  /** RFC 3339 with nanoseconds; year 1 is never */
  readonly startedAt: string
  readonly finishedAt: string
  readonly health?: Health
}

/** All that is known of one container. A value: it is replaced, never edited. */
export interface ContainerRecord {
  readonly id: string
  /** without the slash */
  readonly name: string
  readonly created: string
  readonly path: string
  readonly args: readonly string[]
  /** of the configuration */
  readonly imageId: Digest
  readonly chainId?: Digest | undefined
  readonly platform: string
  readonly config: ContainerConfig
  readonly hostConfig: HostConfig
  readonly mounts: readonly PlannedMount[]
  /** network → what the user wishes of it; while it runs, what it got */
  readonly endpoints: Readonly<Record<string, EndpointSettings>>
  readonly ports: PortMap
  readonly state: State
  readonly restartCount: number
  /** by `stop` or `kill`: the restart policy leaves it alone */
  readonly manuallyStopped: boolean
  readonly hasStarted: boolean
  /** the engine itself pauses it for a moment, or did when it died */
  readonly isHeldStill?: boolean
  /** aliases of legacy links that point here: `/parent/alias` */
  readonly linkNames?: readonly string[]
}

/** What is true of every container that has never run. */
export const unstarted = {
  state: {
    status: 'created',
    pid: 0,
    exitCode: 0,
    error: '',
    oomKilled: false,
    startedAt: zeroTime,
    finishedAt: zeroTime,
  },
  restartCount: 0,
  manuallyStopped: false,
  hasStarted: false,
} as const

export const isAlive = ({ state: { status } }: ContainerRecord): boolean => status === 'running' || status === 'paused'

/** In Docker's sense, where waiting for a restart counts as running. */
export const isRunning = (record: ContainerRecord): boolean => isAlive(record) || record.state.status === 'restarting'

/** The error of verbs that need a process. */
export const notRunning = ({ id }: ContainerRecord): EngineError =>
  new EngineError('conflict', `container ${id} is not running`)

/** The container whose namespace `mode` (`container:<id>`) joins. */
export const joinedContainer = (mode: string | undefined): string | undefined =>
  mode?.startsWith('container:') ? mode.slice('container:'.length) : undefined
