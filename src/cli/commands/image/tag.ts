import { messageOf } from '../../../base/errors.ts'
import { parseReference, type Reference, repositoryOf, withDefaultTag } from '../../../spec/reference.ts'
import { command } from '../../command.ts'
import { ExitError } from '../../errors.ts'

function parseTarget(name: string): Reference {
  try {
    return parseReference(name)
  } catch (error) {
    throw new ExitError(
      1,
      `Error parsing reference: ${JSON.stringify(name)} is not a valid repository/tag: ${messageOf(error)}`,
    )
  }
}

export const tag = command({
  usage: 'SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]',
  summary: 'Give an image one more name',
  aliases: ['image tag', 'tag'],
  minArgs: 2,
  maxArgs: 2,
  complete: 'image',
  flags: {},
  async run({ args, engine }) {
    const target = withDefaultTag(parseTarget(args[1]!))
    await engine.images.tag(args[0]!, repositoryOf(target), target.tag ?? '')
  },
})
