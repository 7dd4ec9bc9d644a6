import type { ProcessConfig } from './container.ts'

export interface ExecInspectResponse {
  readonly ID: string
  readonly Running: boolean
  readonly ExitCode: number | null
  readonly ProcessConfig: ProcessConfig
  readonly OpenStdin: boolean
  readonly OpenStderr: boolean
  readonly OpenStdout: boolean
  readonly CanRemove: boolean
  readonly ContainerID: string
  readonly DetachKeys: string
  readonly Pid: number
}
