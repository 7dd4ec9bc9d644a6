import type { Shape } from './shape.ts'

// Names are Docker's: https://docs.docker.com/reference/api/engine/version/v1.51/

const of = (shape: Shape, names: string): Readonly<Record<string, Shape>> =>
  Object.fromEntries(names.split(' ').map(name => [name, shape]))

const strings: Shape = { list: 'string' }
const labels: Shape = { map: 'string' }
const set: Shape = { map: { fields: {} } }
const throttle: Shape = { list: { fields: { Path: 'string', Rate: 'int64' } } }

const resources: Readonly<Record<string, Shape>> = {
  ...of(
    'int64',
    'CpuShares Memory NanoCpus CpuPeriod CpuQuota CpuRealtimePeriod CpuRealtimeRuntime CpuCount CpuPercent',
  ),
  ...of(
    'int64',
    'MemoryReservation MemorySwap MemorySwappiness PidsLimit IOMaximumIOps IOMaximumBandwidth KernelMemory',
  ),
  ...of('string', 'CgroupParent CpusetCpus CpusetMems'),
  ...of(throttle, 'BlkioDeviceReadBps BlkioDeviceWriteBps BlkioDeviceReadIOps BlkioDeviceWriteIOps'),
  BlkioWeight: 'uint16',
  BlkioWeightDevice: { list: { fields: { Path: 'string', Weight: 'uint16' } } },
  Devices: { list: { fields: of('string', 'PathOnHost PathInContainer CgroupPermissions') } },
  DeviceCgroupRules: strings,
  DeviceRequests: {
    list: {
      fields: { Driver: 'string', Count: 'int', DeviceIDs: strings, Capabilities: { list: strings }, Options: labels },
    },
  },
  OomKillDisable: 'bool',
  Ulimits: { list: { fields: { Name: 'string', Hard: 'int64', Soft: 'int64' } } },
}

const restartPolicy: Shape = { fields: { Name: 'string', MaximumRetryCount: 'int' } }

const mount: Shape = {
  fields: {
    ...of('string', 'Type Source Target Consistency'),
    ReadOnly: 'bool',
    BindOptions: {
      fields: {
        Propagation: 'string',
        ...of('bool', 'NonRecursive CreateMountpoint ReadOnlyNonRecursive ReadOnlyForceRecursive'),
      },
    },
    VolumeOptions: {
      fields: {
        NoCopy: 'bool',
        Labels: labels,
        Subpath: 'string',
        DriverConfig: { fields: { Name: 'string', Options: labels } },
      },
    },
    ImageOptions: { fields: { Subpath: 'string' } },
    TmpfsOptions: { fields: { SizeBytes: 'int64', Mode: 'int' } },
  },
}

const hostConfig: Shape = {
  fields: {
    ...resources,
    ...of(strings, 'Binds VolumesFrom CapAdd CapDrop Dns DnsOptions DnsSearch ExtraHosts GroupAdd Links SecurityOpt'),
    ...of(strings, 'MaskedPaths ReadonlyPaths'),
    ...of('string', 'ContainerIDFile NetworkMode VolumeDriver CgroupnsMode IpcMode Cgroup PidMode UTSMode UsernsMode'),
    ...of('string', 'Runtime Isolation'),
    ...of('bool', 'AutoRemove Privileged PublishAllPorts ReadonlyRootfs Init'),
    ...of(labels, 'StorageOpt Tmpfs Sysctls Annotations'),
    LogConfig: { fields: { Type: 'string', Config: labels } },
    PortBindings: { map: { list: { fields: of('string', 'HostIp HostPort') } } },
    RestartPolicy: restartPolicy,
    ConsoleSize: { list: 'int' },
    OomScoreAdj: 'int',
    ShmSize: 'int64',
    Mounts: { list: mount },
  },
}

const endpoint: Shape = {
  fields: {
    ...of('string', 'NetworkID EndpointID Gateway IPAddress IPv6Gateway GlobalIPv6Address MacAddress'),
    ...of(strings, 'Links Aliases DNSNames'),
    IPAMConfig: { fields: { IPv4Address: 'string', IPv6Address: 'string', LinkLocalIPs: strings } },
    DriverOpts: labels,
    GwPriority: 'int',
  },
}

const config: Readonly<Record<string, Shape>> = {
  ...of('string', 'Hostname Domainname User Image WorkingDir MacAddress StopSignal'),
  ...of('bool', 'AttachStdin AttachStdout AttachStderr Tty OpenStdin StdinOnce ArgsEscaped NetworkDisabled'),
  ...of('words', 'Cmd Entrypoint Shell'),
  ...of(strings, 'Env OnBuild'),
  ...of(set, 'ExposedPorts Volumes'),
  Labels: labels,
  StopTimeout: 'int',
  Healthcheck: {
    fields: { Test: strings, ...of('time.Duration', 'Interval Timeout StartPeriod StartInterval'), Retries: 'int' },
  },
}

export const createShape: Shape = {
  fields: { ...config, HostConfig: hostConfig, NetworkingConfig: { fields: { EndpointsConfig: { map: endpoint } } } },
}
const ipam: Shape = {
  fields: {
    Driver: 'string',
    Options: labels,
    Config: {
      list: {
        fields: { ...of('string', 'Subnet IPRange Gateway'), AuxiliaryAddresses: labels },
        type: 'network.IPAMConfig',
      },
    },
  },
}

export const networkCreateShape: Shape = {
  fields: {
    ...of('string', 'Name Driver Scope'),
    ...of('bool', 'EnableIPv4 EnableIPv6 Internal Attachable Ingress ConfigOnly'),
    ...of(labels, 'Options Labels'),
    ConfigFrom: { fields: { Network: 'string' } },
    IPAM: ipam,
  },
}
export const connectShape: Shape = { fields: { Container: 'string', EndpointConfig: endpoint } }
export const disconnectShape: Shape = { fields: { Container: 'string', Force: 'bool' } }
export const volumeCreateShape: Shape = {
  fields: { ...of('string', 'Name Driver'), ...of(labels, 'DriverOpts Labels') },
}
export const volumeCopyShape: Shape = {
  fields: { Name: 'string', Labels: labels, ...of('bool', 'Snapshot Freeze') },
}
export const checkpointShape: Shape = {
  fields: { ...of('string', 'CheckpointID CheckpointDir'), ...of('bool', 'Exit') },
}
export const configShape: Shape = { fields: config }
export const updateShape: Shape = { fields: { ...resources, RestartPolicy: restartPolicy } }
export const execShape: Shape = {
  fields: {
    ...of('string', 'User DetachKeys WorkingDir'),
    ...of('bool', 'Privileged Tty AttachStdin AttachStdout AttachStderr'),
    Env: strings,
    Cmd: strings,
    ConsoleSize: { list: 'int' },
  },
}
export const execStartShape: Shape = { fields: { ...of('bool', 'Detach Tty'), ConsoleSize: { list: 'int' } } }
