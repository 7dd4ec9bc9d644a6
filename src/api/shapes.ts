import type { Shape } from './shape.ts'

// Names are Docker's: https://docs.docker.com/reference/api/engine/version/v1.51/

const of = (shape: Shape, names: string): Readonly<Record<string, Shape>> =>
  Object.fromEntries(names.split(' ').map(name => [name, shape]))

const strings: Shape = { list: 'string' }
const labels: Shape = { map: 'string' }
const set: Shape = { map: { fields: {} } }
const size: Shape = { list: 'uint', type: '[2]uint' }

/** A list of pointers, whose members Go names without their star. */
const pointers = (type: string, fields: Readonly<Record<string, Shape>>): Shape => ({
  list: { fields, type },
  type: `[]*${type}`,
})
const throttle = pointers('blkiodev.ThrottleDevice', { Path: 'string', Rate: 'uint64' })

const resources: Readonly<Record<string, Shape>> = {
  ...of(
    'int64',
    'CpuShares Memory NanoCpus CpuPeriod CpuQuota CpuRealtimePeriod CpuRealtimeRuntime CpuCount CpuPercent',
  ),
  ...of('int64', 'MemoryReservation MemorySwap MemorySwappiness PidsLimit KernelMemory KernelMemoryTCP'),
  ...of('uint64', 'IOMaximumIOps IOMaximumBandwidth'),
  ...of('string', 'CgroupParent CpusetCpus CpusetMems'),
  ...of(throttle, 'BlkioDeviceReadBps BlkioDeviceWriteBps BlkioDeviceReadIOps BlkioDeviceWriteIOps'),
  BlkioWeight: 'uint16',
  BlkioWeightDevice: pointers('blkiodev.WeightDevice', { Path: 'string', Weight: 'uint16' }),
  Devices: {
    list: { fields: of('string', 'PathOnHost PathInContainer CgroupPermissions'), type: 'container.DeviceMapping' },
  },
  DeviceCgroupRules: strings,
  DeviceRequests: {
    list: {
      fields: { Driver: 'string', Count: 'int', DeviceIDs: strings, Capabilities: { list: strings }, Options: labels },
      type: 'container.DeviceRequest',
    },
  },
  OomKillDisable: 'bool',
  Ulimits: pointers('units.Ulimit', { Name: 'string', Hard: 'int64', Soft: 'int64' }),
}

const restartPolicy: Shape = {
  fields: { Name: { text: 'container.RestartPolicyMode' }, MaximumRetryCount: 'int' },
  type: 'container.RestartPolicy',
}

const mount: Shape = {
  type: 'mount.Mount',
  fields: {
    Type: { text: 'mount.Type' },
    ...of('string', 'Source Target'),
    Consistency: { text: 'mount.Consistency' },
    ReadOnly: 'bool',
    BindOptions: {
      type: 'mount.BindOptions',
      fields: {
        Propagation: { text: 'mount.Propagation' },
        ...of('bool', 'NonRecursive CreateMountpoint ReadOnlyNonRecursive ReadOnlyForceRecursive'),
      },
    },
    VolumeOptions: {
      type: 'mount.VolumeOptions',
      fields: {
        NoCopy: 'bool',
        Labels: labels,
        Subpath: 'string',
        DriverConfig: { fields: { Name: 'string', Options: labels }, type: 'mount.Driver' },
      },
    },
    ImageOptions: { fields: { Subpath: 'string' }, type: 'mount.ImageOptions' },
    TmpfsOptions: {
      fields: { SizeBytes: 'int64', Mode: 'mode', Options: { list: strings } },
      type: 'mount.TmpfsOptions',
    },
    ClusterOptions: { fields: {}, type: 'mount.ClusterOptions' },
  },
}

const hostConfig: Shape = {
  type: 'container.HostConfig',
  fields: {
    ...resources,
    ...of(strings, 'Binds VolumesFrom Dns DnsOptions DnsSearch ExtraHosts GroupAdd Links SecurityOpt'),
    ...of(strings, 'MaskedPaths ReadonlyPaths'),
    ...of('words', 'CapAdd CapDrop'),
    ...of('string', 'ContainerIDFile VolumeDriver Runtime'),
    ...Object.fromEntries(
      ['NetworkMode', 'CgroupnsMode', 'IpcMode', 'PidMode', 'UTSMode', 'UsernsMode', 'Isolation'].map(
        name => [name, { text: `container.${name}` }] as const,
      ),
    ),
    Cgroup: { text: 'container.CgroupSpec' },
    ...of('bool', 'AutoRemove Privileged PublishAllPorts ReadonlyRootfs Init'),
    ...of(labels, 'StorageOpt Tmpfs Sysctls Annotations'),
    LogConfig: { fields: { Type: 'string', Config: labels }, type: 'container.LogConfig' },
    PortBindings: {
      map: { list: { fields: of('string', 'HostIp HostPort'), type: 'nat.PortBinding' } },
      type: 'nat.PortMap',
    },
    RestartPolicy: restartPolicy,
    ConsoleSize: size,
    OomScoreAdj: 'int',
    ShmSize: 'int64',
    Mounts: { list: mount },
  },
}

const endpoint: Shape = {
  type: 'network.EndpointSettings',
  fields: {
    ...of('string', 'NetworkID EndpointID Gateway IPAddress IPv6Gateway GlobalIPv6Address MacAddress'),
    ...of(strings, 'Links Aliases DNSNames'),
    IPAMConfig: {
      fields: { IPv4Address: 'string', IPv6Address: 'string', LinkLocalIPs: strings },
      type: 'network.EndpointIPAMConfig',
    },
    DriverOpts: labels,
    ...of('int', 'GwPriority IPPrefixLen GlobalIPv6PrefixLen'),
  },
}

const config: Readonly<Record<string, Shape>> = {
  ...of('string', 'Hostname Domainname User Image WorkingDir MacAddress StopSignal'),
  ...of('bool', 'AttachStdin AttachStdout AttachStderr Tty OpenStdin StdinOnce ArgsEscaped NetworkDisabled'),
  ...of('words', 'Cmd Entrypoint Shell'),
  ...of(strings, 'Env OnBuild'),
  ExposedPorts: { map: { fields: {} }, type: 'nat.PortSet' },
  Volumes: set,
  Labels: labels,
  StopTimeout: 'int',
  Healthcheck: {
    type: 'v1.HealthcheckConfig',
    fields: { Test: strings, ...of('duration', 'Interval Timeout StartPeriod StartInterval'), Retries: 'int' },
  },
}

/** The fields of a create that are the container's own configuration. */
export const configNames: readonly string[] = Object.keys(config)

export const createShape: Shape = {
  type: 'container.CreateRequest',
  fields: {
    ...config,
    HostConfig: hostConfig,
    NetworkingConfig: {
      fields: { EndpointsConfig: { map: endpoint, type: 'map[string]*network.EndpointSettings' } },
      type: 'network.NetworkingConfig',
    },
  },
}
const ipam: Shape = {
  type: 'network.IPAM',
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
  type: 'network.CreateRequest',
  fields: {
    ...of('string', 'Name Driver Scope'),
    ...of('bool', 'EnableIPv4 EnableIPv6 Internal Attachable Ingress ConfigOnly'),
    ...of(labels, 'Options Labels'),
    ConfigFrom: { fields: { Network: 'string' }, type: 'network.ConfigReference' },
    IPAM: ipam,
  },
}
export const connectShape: Shape = {
  fields: { Container: 'string', EndpointConfig: endpoint },
  type: 'network.ConnectOptions',
}
export const disconnectShape: Shape = {
  fields: { Container: 'string', Force: 'bool' },
  type: 'network.DisconnectOptions',
}
export const volumeCreateShape: Shape = {
  type: 'volume.CreateOptions',
  fields: {
    ...of('string', 'Name Driver'),
    ...of(labels, 'DriverOpts Labels'),
    ClusterVolumeSpec: { fields: {}, type: 'volume.ClusterVolumeSpec' },
  },
}
export const volumeCopyShape: Shape = {
  fields: { Name: 'string', Labels: labels, ...of('bool', 'Snapshot Freeze') },
}
export const checkpointShape: Shape = {
  fields: { ...of('string', 'CheckpointID CheckpointDir'), ...of('bool', 'Exit') },
}
/** Of an update; ports are ours alone. */
export const updateNames: readonly string[] = [...Object.keys(resources), 'RestartPolicy', 'PortBindings']

export const updateShape: Shape = {
  fields: { ...resources, RestartPolicy: restartPolicy },
  type: 'container.UpdateConfig',
}
export const execShape: Shape = {
  type: 'container.ExecOptions',
  fields: {
    ...of('string', 'User DetachKeys WorkingDir'),
    ...of('bool', 'Privileged Tty AttachStdin AttachStdout AttachStderr Detach'),
    Env: strings,
    Cmd: strings,
    ConsoleSize: size,
  },
}
export const execStartShape: Shape = {
  fields: { ...of('bool', 'Detach Tty'), ConsoleSize: size },
  type: 'container.ExecStartOptions',
}
