import { command } from '../../command.ts'
import { throwAll } from '../../errors.ts'

export const rm = command({
  usage: '[OPTIONS] PLUGIN [PLUGIN...]',
  summary: 'Delete one or more plugins',
  aliases: ['plugin rm', 'plugin remove'],
  minArgs: 1,
  flags: { force: { type: 'bool', short: 'f', help: 'Even while it works' } },
  async run({ args, engine, flags, out }) {
    const errors: unknown[] = []
    for (const name of args) {
      try {
        const query = { force: flags.force ? '1' : undefined }
        await engine.requestJson({ method: 'DELETE', path: `/plugins/${name}`, query })
        out.line(name)
      } catch (error) {
        errors.push(error)
      }
    }
    throwAll(errors)
  },
})
