import { messageOf } from '../../../base/errors.ts'
import { command } from '../../command.ts'
import { ContextStore } from '../../context/store.ts'
import { ExitError } from '../../errors.ts'

export const rm = command({
  usage: 'CONTEXT [CONTEXT...]',
  summary: 'Delete one or more contexts',
  aliases: ['context rm', 'context remove'],
  minArgs: 1,
  complete: 'context',
  flags: { force: { type: 'bool', short: 'f', help: 'The one in use as well' } },
  async run({ args, config, flags, out }) {
    const store = new ContextStore(config)
    const errors: string[] = []
    for (const name of args) {
      try {
        if (name === 'default') throw new ExitError(1, 'context "default" cannot be removed')
        if (!flags.force && !store.has(name)) throw new ExitError(1, `context ${JSON.stringify(name)} does not exist`)
        if (name === config.contextName) {
          if (!flags.force)
            throw new ExitError(1, `context ${JSON.stringify(name)} is in use, set -f flag to force remove`)
          const { currentContext: _gone, ...rest } = config.file
          config.save(rest)
        }
        store.remove(name)
        out.line(name)
      } catch (error) {
        errors.push(messageOf(error))
      }
    }
    if (errors.length) throw new ExitError(1, errors.join('\n'))
  },
})
