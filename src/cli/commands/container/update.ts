import { command } from '../../command.ts'
import { ExitError, throwAll } from '../../errors.ts'
import { parsePublish } from '../../options/publish.ts'
import { parseRestart } from '../../options/restart.ts'
import { many } from './each.ts'

export const update = command({
  usage: `[OPTIONS] ${many}`,
  summary: 'Change limits and restart policy of containers',
  aliases: ['container update', 'update'],
  minArgs: 1,
  complete: 'container',
  flags: {
    'blkio-weight': { type: 'uint16', help: 'Weight among others that want the disk, 10 to 1000, 0 for none' },
    'cpu-period': { type: 'int64', help: 'Period of the CPU scheduler in microseconds' },
    'cpu-quota': { type: 'int64', help: 'CPU time in each period in microseconds' },
    'cpu-rt-period': { type: 'int64', help: 'Real-time period in microseconds', since: '1.25' },
    'cpu-rt-runtime': { type: 'int64', help: 'Real-time share in microseconds', since: '1.25' },
    'cpu-shares': { type: 'int64', short: 'c', help: 'Weight among others that want the CPU' },
    cpus: { type: 'decimal', help: 'How many CPUs it may use', since: '1.29' },
    'cpuset-cpus': { type: 'string', help: 'CPUs it may run on (0-3, 0,1)' },
    'cpuset-mems': { type: 'string', help: 'Memory nodes it may use (0-3, 0,1)' },
    'kernel-memory': {
      type: 'bytes',
      help: 'Accepted for old scripts',
      hidden: true,
    },
    memory: { type: 'bytes', short: 'm', help: 'Most memory' },
    'memory-reservation': { type: 'bytes', help: 'Memory it should stay below' },
    'memory-swap': { type: 'bytes', help: 'Memory and swap together, -1 for no limit' },
    'pids-limit': { type: 'int64', help: 'Most processes, -1 for no limit', since: '1.40' },
    publish: { type: 'list', short: 'p', help: 'Ports of the host for ports inside, in place of those it has' },
    restart: { type: 'string', help: 'What to do after it ends' },
  },
  async run({ args, changed, engine, flags, out }) {
    if (changed.size === 0) throw new ExitError(1, 'you must provide one or more flags when using this command')
    const changes = {
      ...(changed.has('publish') ? { PortBindings: parsePublish(flags.publish, []).bindings } : {}),
      CpuShares: flags['cpu-shares'],
      Memory: flags.memory,
      NanoCpus: flags.cpus,
      CgroupParent: '',
      BlkioWeight: flags['blkio-weight'],
      BlkioWeightDevice: null,
      BlkioDeviceReadBps: null,
      BlkioDeviceWriteBps: null,
      BlkioDeviceReadIOps: null,
      BlkioDeviceWriteIOps: null,
      CpuPeriod: flags['cpu-period'],
      CpuQuota: flags['cpu-quota'],
      CpuRealtimePeriod: flags['cpu-rt-period'],
      CpuRealtimeRuntime: flags['cpu-rt-runtime'],
      CpusetCpus: flags['cpuset-cpus'],
      CpusetMems: flags['cpuset-mems'],
      Devices: null,
      DeviceCgroupRules: null,
      DeviceRequests: null,
      ...(flags['kernel-memory'] ? { KernelMemory: flags['kernel-memory'] } : {}),
      MemoryReservation: flags['memory-reservation'],
      MemorySwap: flags['memory-swap'],
      MemorySwappiness: null,
      OomKillDisable: null,
      PidsLimit: changed.has('pids-limit') ? flags['pids-limit'] : null,
      Ulimits: null,
      CpuCount: 0,
      CpuPercent: 0,
      IOMaximumIOps: 0,
      IOMaximumBandwidth: 0,
      RestartPolicy: flags.restart ? parseRestart(flags.restart, 1) : { Name: '', MaximumRetryCount: 0 },
    }
    const warnings: string[] = []
    const errors: unknown[] = []
    for (const id of args) {
      try {
        warnings.push(...((await engine.containers.update(id, changes)).Warnings ?? []))
        out.line(id)
      } catch (error) {
        errors.push(error)
      }
    }
    if (warnings.length) out.line(warnings.join('\n'))
    throwAll(errors)
  },
})
