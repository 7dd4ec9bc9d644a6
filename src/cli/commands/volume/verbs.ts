import { command } from '../../command.ts'
import { throwAll } from '../../errors.ts'
import { parseFilters } from '../../filters.ts'
import { printList } from '../../format/list.ts'
import { toMap } from '../container/create-request.ts'

export const create = command({
  usage: '[OPTIONS] [VOLUME]',
  summary: 'Make a volume',
  maxArgs: 1,
  flags: {
    driver: { type: 'string', short: 'd', help: 'Driver', default: 'local' },
    label: { type: 'list', help: 'Label' },
    opt: { type: 'map', short: 'o', help: 'Option for the driver' },
  },
  async run({ args, engine, flags, out }) {
    const { Name } = await engine.volumes.create({
      Driver: flags.driver,
      DriverOpts: toMap(flags.opt),
      Labels: toMap(flags.label),
      Name: args[0] ?? '',
    } as never)
    out.line(Name!)
  },
})

export const list = command({
  usage: '[OPTIONS]',
  summary: 'Show volumes',
  maxArgs: 0,
  flags: {
    filter: { type: 'filter', short: 'f', help: 'Only those that match, such as dangling=true' },
    format: { type: 'string', help: "'table', 'table TEMPLATE', 'json' or a Go template for each line" },
    quiet: { type: 'bool', short: 'q', help: 'Names only' },
  },
  async run({ engine, flags, out }) {
    const found = [...((await engine.volumes.list(parseFilters(flags.filter))).Volumes ?? [])].sort((a, b) =>
      a.Name! < b.Name! ? -1 : 1,
    )
    if (flags.quiet && !flags.format) return void found.forEach(({ Name }) => void out.line(Name!))
    const columns = {
      Driver: { heading: 'DRIVER', get: (item: (typeof found)[number]) => item.Driver },
      Name: { heading: 'VOLUME NAME', get: (item: (typeof found)[number]) => item.Name },
      Mountpoint: { heading: 'MOUNTPOINT', get: (item: (typeof found)[number]) => item.Mountpoint },
      Scope: { heading: 'SCOPE', get: (item: (typeof found)[number]) => item.Scope },
    }
    printList(out, columns, found, flags.format, '{{.Driver}}\t{{.Name}}')
  },
})

export const rm = command({
  usage: '[OPTIONS] VOLUME [VOLUME...]',
  summary: 'Delete one or more volumes',
  minArgs: 1,
  complete: 'volume',
  flags: { force: { type: 'bool', short: 'f', help: 'Do not mind when it is not there' } },
  async run({ args, engine, flags, out }) {
    const errors: unknown[] = []
    for (const name of args) {
      try {
        await engine.volumes.remove(name, flags.force)
        out.line(name)
      } catch (error) {
        errors.push(error)
      }
    }
    throwAll(errors)
  },
})
