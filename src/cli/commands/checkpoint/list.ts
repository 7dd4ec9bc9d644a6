import { command } from '../../command.ts'
import { printList } from '../../format/list.ts'
import { checkpointDir } from './dir-flag.ts'

interface Checkpoint {
  readonly Name: string
}

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
    const query = { dir: flags['checkpoint-dir'] || undefined }
    const path = `/containers/${args[0]}/checkpoints`
    const found = ((await engine.requestJson({ method: 'GET', path, query })) ?? []) as readonly Checkpoint[]
    printList(out, { Name: { heading: 'CHECKPOINT NAME', get: item => item.Name } }, found, '', '{{.Name}}')
  },
})
