import type { ContainerNetworkStats } from './network.ts'

export interface ContainerStatsResponse {
  readonly name?: string | null | undefined
  readonly id?: string | null | undefined
  readonly read?: string | undefined
  readonly preread?: string | undefined
  readonly pids_stats?: ContainerPidsStats | undefined
  readonly blkio_stats?: ContainerBlkioStats | undefined
  readonly num_procs?: number | undefined
  readonly storage_stats?: ContainerStorageStats | undefined
  readonly cpu_stats?: ContainerCPUStats | undefined
  readonly precpu_stats?: ContainerCPUStats | undefined
  readonly memory_stats?: ContainerMemoryStats | undefined
  readonly networks?: Readonly<Record<string, ContainerNetworkStats>> | null | undefined
}

export interface ContainerBlkioStats {
  readonly io_service_bytes_recursive?: readonly ContainerBlkioStatEntry[] | null | undefined
  readonly io_serviced_recursive?: readonly ContainerBlkioStatEntry[] | null | undefined
  readonly io_queue_recursive?: readonly ContainerBlkioStatEntry[] | null | undefined
  readonly io_service_time_recursive?: readonly ContainerBlkioStatEntry[] | null | undefined
  readonly io_wait_time_recursive?: readonly ContainerBlkioStatEntry[] | null | undefined
  readonly io_merged_recursive?: readonly ContainerBlkioStatEntry[] | null | undefined
  readonly io_time_recursive?: readonly ContainerBlkioStatEntry[] | null | undefined
  readonly sectors_recursive?: readonly ContainerBlkioStatEntry[] | null | undefined
}

export interface ContainerBlkioStatEntry {
  readonly major?: number | undefined
  readonly minor?: number | undefined
  readonly op?: string | undefined
  readonly value?: number | undefined
}

export interface ContainerCPUStats {
  readonly cpu_usage?: ContainerCPUUsage | undefined
  readonly system_cpu_usage?: number | null | undefined
  readonly online_cpus?: number | null | undefined
  readonly throttling_data?: ContainerThrottlingData | undefined
}

export interface ContainerCPUUsage {
  readonly total_usage?: number | undefined
  readonly percpu_usage?: readonly number[] | null | undefined
  readonly usage_in_kernelmode?: number | undefined
  readonly usage_in_usermode?: number | undefined
}

export interface ContainerPidsStats {
  readonly current?: number | null | undefined
  readonly limit?: number | null | undefined
}

export interface ContainerThrottlingData {
  readonly periods?: number | undefined
  readonly throttled_periods?: number | undefined
  readonly throttled_time?: number | undefined
}

export interface ContainerMemoryStats {
  readonly usage?: number | null | undefined
  readonly max_usage?: number | null | undefined
  readonly stats?: Readonly<Record<string, number | null>> | null | undefined
  readonly failcnt?: number | null | undefined
  readonly limit?: number | null | undefined
  readonly commitbytes?: number | null | undefined
  readonly commitpeakbytes?: number | null | undefined
  readonly privateworkingset?: number | null | undefined
}

export interface ContainerStorageStats {
  readonly read_count_normalized?: number | null | undefined
  readonly read_size_bytes?: number | null | undefined
  readonly write_count_normalized?: number | null | undefined
  readonly write_size_bytes?: number | null | undefined
}
