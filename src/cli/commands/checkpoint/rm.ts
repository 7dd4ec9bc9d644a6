import { command } from '../../command.ts'
import { checkpointDir } from './dir-flag.ts'

export const rm = command({
  usage: '[OPTIONS] CONTAINER CHECKPOINT',
  summary: 'Delete a checkpoint',
  aliases: ['checkpoint rm', 'checkpoint remove'],
  minArgs: 2,
  maxArgs: 2,
  experimental: true,
  complete: 'container',
  flags: { 'checkpoint-dir': checkpointDir },
  async run({ args: [container, name], engine, flags }) {
    await engine.containers.removeCheckpoint(container!, name!, flags['checkpoint-dir'])
  },
})
