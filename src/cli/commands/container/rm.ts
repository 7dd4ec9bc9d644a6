import { isEngineError, messageOf } from '../../../base/errors.ts'
import { command } from '../../command.ts'
import { each, many } from './each.ts'

export const rm = command({
  usage: `[OPTIONS] ${many}`,
  summary: 'Delete one or more containers',
  aliases: ['container rm', 'container remove', 'rm'],
  minArgs: 1,
  complete: 'container',
  flags: {
    force: { type: 'bool', short: 'f', help: 'Kill a running container first' },
    link: { type: 'bool', short: 'l', help: 'Delete the link of this name, not a container' },
    volumes: { type: 'bool', short: 'v', help: 'Delete its anonymous volumes as well' },
  },
  run: ({ args, engine, err, flags, out }) => {
    const missing = new Set<string>()
    return each(
      args,
      name => {
        if (!missing.has(name)) out.line(name)
      },
      async id => {
        const path = id.replace(/^\/+/, '')
        try {
          await engine.containers.remove(path, { force: flags.force, link: flags.link, volumes: flags.volumes })
        } catch (error) {
          if (!flags.force || !isEngineError(error, 'not-found')) throw error
          missing.add(id)
          err.line(messageOf(error))
        }
      },
    )
  },
})
