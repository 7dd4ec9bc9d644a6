import { command } from '../../command.ts'
import { throwAll } from '../../errors.ts'

export const rm = command({
  usage: '[OPTIONS] VOLUME [VOLUME...]',
  summary: 'Delete one or more volumes',
  details: 'Delete one or more volumes. Those that a container uses stay.',
  aliases: ['volume rm', 'volume remove'],
  minArgs: 1,
  complete: 'volume',
  flags: { force: { type: 'bool', short: 'f', help: 'Do not mind when it is not there', since: '1.25' } },
  async run({ args, engine, flags, out }) {
    const errors: unknown[] = []
    for (const name of args) {
      try {
        await engine.volumes.remove(name, flags.force)
        out.line(name)
      } catch (error) {
        errors.push(error)
      }
    }
    throwAll(errors)
  },
})
