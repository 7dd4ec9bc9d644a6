import { parseReference, repositoryOf, withDefaultTag } from '../../../spec/reference.ts'
import { command } from '../../command.ts'
import { ExitError } from '../../errors.ts'

export const commit = command({
  usage: '[OPTIONS] CONTAINER [REPOSITORY[:TAG]]',
  summary: 'Make an image of what a container has become',
  aliases: ['container commit', 'commit'],
  minArgs: 1,
  maxArgs: 2,
  complete: 'container',
  flags: {
    author: { type: 'string', short: 'a', help: 'Who made it, such as "Ada <ada@example.org>"' },
    change: { type: 'list', short: 'c', help: 'Dockerfile instruction to apply' },
    message: { type: 'string', short: 'm', help: 'What was done' },
    pause: { type: 'bool', short: 'p', help: 'Freeze the container meanwhile', default: true },
  },
  async run({ args: [container = '', name], engine, flags, out }) {
    const target = name ? parseReference(name) : undefined
    if (target?.digest) throw new ExitError(1, 'cannot commit to digest reference')
    const { Id } = await engine.images.commit({
      container,
      repo: target ? repositoryOf(target) : '',
      tag: target ? (withDefaultTag(target).tag ?? '') : '',
      comment: flags.message,
      author: flags.author,
      pause: flags.pause,
      changes: flags.change,
    })
    out.line(Id)
  },
})
