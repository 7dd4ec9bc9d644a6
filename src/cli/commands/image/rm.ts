import { isEngineError, messageOf } from '../../../base/errors.ts'
import { command } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import { checkPlatform } from '../../options/platform.ts'

export const rm = command({
  usage: '[OPTIONS] IMAGE [IMAGE...]',
  summary: 'Delete one or more images',
  aliases: ['image rm', 'image remove', 'rmi'],
  minArgs: 1,
  complete: 'image',
  flags: {
    force: { type: 'bool', short: 'f', help: 'Even when it is in use or has more names' },
    'no-prune': { type: 'bool', help: 'Keep parents without a name' },
    platform: { type: 'strings', help: 'Only this platform (os[/arch[/variant]])', since: '1.50' },
  },
  async run({ args, engine, err, flags, out }) {
    for (const platform of flags.platform) checkPlatform(platform, why => why)
    const errors: string[] = []
    let isFatal = false
    for (const name of args) {
      try {
        const options = { force: flags.force, noPrune: flags['no-prune'], platforms: flags.platform }
        for (const item of await engine.images.remove(name, options))
          out.line(item.Deleted ? `Deleted: ${item.Deleted}` : `Untagged: ${item.Untagged}`)
      } catch (error) {
        isFatal ||= !isEngineError(error, 'not-found')
        errors.push(messageOf(error))
      }
    }
    if (errors.length === 0) return
    if (isFatal || !flags.force) throw new ExitError(1, errors.join('\n'))
    for (const line of errors) err.line(line)
  },
})
