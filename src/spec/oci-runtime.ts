// The parts of the OCI runtime specification that Berth fills in.
// Spec: https://github.com/opencontainers/runtime-spec/blob/main/config.md

export interface RuntimeMount {
  readonly destination: string
  readonly type?: string
  readonly source?: string
  readonly options?: readonly string[]
}

export interface RuntimeUser {
  readonly uid: number
  readonly gid: number
  readonly umask?: number
  readonly additionalGids?: readonly number[]
}

export interface RuntimeCapabilities {
  readonly bounding: readonly string[]
  readonly effective: readonly string[]
  readonly permitted: readonly string[]
  readonly inheritable?: readonly string[]
  readonly ambient?: readonly string[]
}

export interface RuntimeProcess {
  readonly terminal?: boolean
  readonly consoleSize?: { readonly height: number; readonly width: number }
  readonly user: RuntimeUser
  readonly args: readonly string[]
  readonly env: readonly string[]
  readonly cwd: string
  readonly capabilities?: RuntimeCapabilities
  readonly rlimits?: readonly { readonly type: string; readonly hard: number; readonly soft: number }[]
  readonly noNewPrivileges?: boolean
  readonly apparmorProfile?: string | undefined
  readonly oomScoreAdj?: number
  readonly selinuxLabel?: string
}

export interface RuntimeDevice {
  readonly path: string
  readonly type: string
  readonly major: number
  readonly minor: number
  readonly fileMode?: number
  readonly uid?: number
  readonly gid?: number
}

export interface RuntimeDeviceRule {
  readonly allow: boolean
  readonly type?: string
  readonly major?: number
  readonly minor?: number
  readonly access?: string
}

export interface RuntimeResources {
  readonly devices?: readonly RuntimeDeviceRule[]
  readonly memory?: {
    readonly limit?: number
    readonly reservation?: number
    readonly swap?: number
    readonly kernel?: number
    readonly kernelTCP?: number
    readonly swappiness?: number
    readonly disableOOMKiller?: boolean
  }
  readonly cpu?: {
    readonly shares?: number
    readonly quota?: number
    readonly period?: number
    readonly realtimeRuntime?: number
    readonly realtimePeriod?: number
    readonly cpus?: string
    readonly mems?: string
  }
  readonly pids?: { readonly limit: number }
  readonly blockIO?: {
    readonly weight?: number
    readonly weightDevice?: readonly { readonly major: number; readonly minor: number; readonly weight: number }[]
    readonly throttleReadBpsDevice?: readonly RuntimeThrottle[]
    readonly throttleWriteBpsDevice?: readonly RuntimeThrottle[]
    readonly throttleReadIOPSDevice?: readonly RuntimeThrottle[]
    readonly throttleWriteIOPSDevice?: readonly RuntimeThrottle[]
  }
  readonly unified?: Readonly<Record<string, string>>
}

export interface RuntimeThrottle {
  readonly major: number
  readonly minor: number
  readonly rate: number
}

export interface RuntimeNamespace {
  readonly type: 'pid' | 'network' | 'mount' | 'ipc' | 'uts' | 'user' | 'cgroup'
  readonly path?: string
}

export interface IdMapping {
  readonly containerID: number
  readonly hostID: number
  readonly size: number
}

export interface RuntimeSpec {
  readonly ociVersion: string
  readonly process: RuntimeProcess
  readonly root: { readonly path: string; readonly readonly?: boolean }
  readonly hostname?: string
  readonly domainname?: string
  readonly mounts: readonly RuntimeMount[]
  readonly annotations?: Readonly<Record<string, string>>
  readonly hooks?: Readonly<Record<string, readonly unknown[]>>
  readonly linux: {
    readonly namespaces: readonly RuntimeNamespace[]
    readonly uidMappings?: readonly IdMapping[]
    readonly gidMappings?: readonly IdMapping[]
    readonly devices?: readonly RuntimeDevice[]
    readonly cgroupsPath: string
    readonly resources: RuntimeResources
    readonly rootfsPropagation?: string
    readonly seccomp?: unknown
    readonly sysctl?: Readonly<Record<string, string>>
    readonly maskedPaths?: readonly string[]
    readonly readonlyPaths?: readonly string[]
    readonly mountLabel?: string
  }
}
