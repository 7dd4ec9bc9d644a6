import { messageOf } from '../../../base/errors.ts'
import { parseReference, repositoryOf, withDefaultTag } from '../../../spec/reference.ts'
import { command } from '../../command.ts'
import { ExitError } from '../../errors.ts'

export const tag = command({
  usage: 'SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]',
  summary: 'Give an image one more name',
  aliases: ['image tag', 'tag'],
  minArgs: 2,
  maxArgs: 2,
  complete: 'image',
  flags: {},
  async run({ args, engine }) {
    const target = withDefaultTag(parseReference(args[1]!))
    await engine.images.tag(args[0]!, repositoryOf(target).replace(/^docker\.io\/library\//, ''), target.tag ?? '')
  },
})

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
  async run({ args, engine, flags, out }) {
    const errors: string[] = []
    for (const name of args) {
      try {
        const gone = await engine.images.remove(name, {
          force: flags.force,
          noPrune: flags['no-prune'],
          platforms: flags.platform,
        })
        for (const item of gone) out.line(item.Deleted ? `Deleted: ${item.Deleted}` : `Untagged: ${item.Untagged}`)
      } catch (error) {
        errors.push(messageOf(error))
      }
    }
    if (errors.length) throw new ExitError(1, errors.join('\n'))
  },
})
