import { messageOf } from '../../../base/errors.ts'
import { command } from '../../command.ts'
import { ExitError } from '../../errors.ts'

export const rename = command({
  usage: 'CONTAINER NEW_NAME',
  summary: 'Give a container another name',
  aliases: ['container rename', 'rename'],
  minArgs: 2,
  maxArgs: 2,
  complete: 'container',
  flags: {},
  async run({ args, engine, err }) {
    const [before, after] = args.map(name => name.trim())
    if (!before || !after) throw new ExitError(1, 'Error: Neither old nor new names may be empty')
    try {
      await engine.containers.rename(before, after)
    } catch (error) {
      err.line(messageOf(error))
      throw new ExitError(1, `Error: failed to rename container named ${before}`, { cause: error })
    }
  },
})
