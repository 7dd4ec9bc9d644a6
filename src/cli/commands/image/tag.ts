import { parseReference, repositoryOf, withDefaultTag } from '../../../spec/reference.ts'
import { command } from '../../command.ts'

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
    await engine.images.tag(args[0]!, repositoryOf(target), target.tag ?? '')
  },
})
