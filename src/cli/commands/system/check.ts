import { messageOf } from '../../../base/errors.ts'
import { command } from '../../command.ts'
import { ExitError } from '../../errors.ts'

export const check = command({
  usage: '',
  summary: 'Ask the engine whether all is well: answers, versions, disk, containers in trouble',
  maxArgs: 0,
  flags: {},
  hidden: true,
  async run({ engine, out }) {
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
    for (const problem of problems) out.line(problem)
    if (problems.length) throw new ExitError(1)
    out.line(`${containers.length} containers, none in trouble`)
  },
})
