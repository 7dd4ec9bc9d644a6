import { command } from '../../command.ts'
import { printList } from '../../format/list.ts'
import { checkpointDir } from './dir-flag.ts'

export const list = command({
  usage: '[OPTIONS] CONTAINER',
  summary: 'Show the checkpoints of a container',
  aliases: ['checkpoint ls', 'checkpoint list'],
  minArgs: 1,
  maxArgs: 1,
  experimental: true,
  complete: 'container',
  flags: { 'checkpoint-dir': checkpointDir },
  async run({ args, engine, flags, out }) {
    const found = await engine.containers.listCheckpoints(args[0]!, flags['checkpoint-dir'])
    printList(out, { Name: { heading: 'CHECKPOINT NAME', get: item => item.Name } }, found, '', '{{.Name}}')
  },
})
