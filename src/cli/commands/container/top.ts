import { command } from '../../command.ts'
import { alignTabs } from '../../format/tabwriter.ts'

export const top = command({
  usage: 'CONTAINER [ps OPTIONS]',
  summary: 'Show the processes of a container',
  aliases: ['container top', 'top'],
  minArgs: 1,
  stopAtFirst: true,
  complete: 'container',
  flags: {},
  async run({ args: [id = '', ...options], engine, out }) {
    const { Processes, Titles } = await engine.containers.top(id, options.join(' '))
    out.write(
      alignTabs([Titles ?? [], ...(Processes ?? [])].map(row => `${row.join('\t')}\n`).join(''), { minWidth: 20 }),
    )
  },
})
