import { messageOf } from '../../../base/errors.ts'
import { formatSize } from '../../../base/size.ts'
import type { DiskOwner } from '../../../spec/engine-api/engine.ts'
import { command } from '../../command.ts'
import { ExitError } from '../../errors.ts'

/** Who owns each byte below the engine's root, as du counts them. */
function diskText(owners: readonly DiskOwner[]): string {
  const rows = owners.toSorted((a, b) => b.size - a.size).map(({ name, size }) => [name, formatSize(size)])
  const total = owners.reduce((sum, { size }) => sum + size, 0)
  const lines = [['OWNER', 'SIZE'], ...rows, ['total', formatSize(total)]]
  const strays = owners.flatMap(({ paths = [] }) => paths.map(path => `nobody's: ${path}`))
  return `${[...lines.map(([name = '', size]) => `${name.padEnd(12)} ${size}`), ...strays].join('\n')}\n`
}

export const check = command({
  usage: '',
  summary: 'Ask the engine whether all is well: answers, versions, disk, containers in trouble',
  maxArgs: 0,
  flags: {
    content: { type: 'bool', help: 'Also read every blob and layer on the disk' },
    repair: { type: 'bool', help: 'As --content, and fetch again what is damaged' },
  },
  hidden: true,
  async run({ engine, flags, out }) {
    const problems: string[] = []
    const { Version } = await engine.system.version()
    out.line(`Engine ${Version} answers on ${engine.host}, API ${await engine.apiVersion()}`)
    const info = (await engine.system.info()) as { readonly Warnings?: readonly string[] | null }
    problems.push(...(info.Warnings ?? []))
    const containers = await engine.containers.list({ all: true, size: false, filters: new Map() })
    for (const { Names, State = '', Status = '' } of containers)
      if (State === 'dead' || State === 'restarting' || Status.includes('unhealthy'))
        problems.push(`container ${(Names?.[0] ?? '').replace(/^\//, '')}: ${Status || State}`)
    try {
      await engine.system.diskUsage([])
    } catch (error) {
      problems.push(`disk usage: ${messageOf(error)}`)
    }
    const isDeep = flags.content || flags.repair
    if (isDeep) out.write(diskText(await engine.system.diskOwners()))
    if (isDeep)
      for await (const { status, text } of engine.system.check({ repair: flags.repair }))
        if (status === 'damaged') problems.push(text)
        else out.line(text)
    for (const problem of problems) out.line(problem)
    if (problems.length) throw new ExitError(1)
    out.line(`${containers.length} containers, none in trouble`)
  },
})
