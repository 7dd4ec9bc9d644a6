import { command } from '../../command.ts'
import { checkpointDir } from './dir-flag.ts'

export const create = command({
  usage: '[OPTIONS] CONTAINER CHECKPOINT',
  summary: 'Save the state of a running container',
  minArgs: 2,
  maxArgs: 2,
  experimental: true,
  complete: 'container',
  flags: { 'checkpoint-dir': checkpointDir, 'leave-running': { type: 'bool', help: 'Let the container go on' } },
  async run({ args: [container = '', name = ''], engine, flags, out }) {
    const directory = flags['checkpoint-dir']
    await engine.containers.createCheckpoint(container, { name, directory, exit: !flags['leave-running'] })
    out.line(name)
  },
})
