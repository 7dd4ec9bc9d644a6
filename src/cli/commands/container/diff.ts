import { command } from '../../command.ts'
import { ExitError } from '../../errors.ts'

export const diff = command({
  usage: 'CONTAINER',
  summary: 'Show which files of a container changed',
  aliases: ['container diff', 'diff'],
  minArgs: 1,
  maxArgs: 1,
  complete: 'container',
  flags: {},
  async run({ args, engine, out }) {
    if (!args[0]) throw new ExitError(1, 'Container name cannot be empty')
    for (const { Kind, Path } of (await engine.containers.changes(args[0])) ?? [])
      out.line(`${'CAD'[Kind ?? 0]} ${Path}`)
  },
})
