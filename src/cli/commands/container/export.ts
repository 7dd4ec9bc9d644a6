import { command } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import { checkOutputPath, writeTo } from '../../terminal/file.ts'

export const exportTar = command({
  usage: '[OPTIONS] CONTAINER',
  summary: "Write a container's files into a tar archive",
  aliases: ['container export', 'export'],
  minArgs: 1,
  maxArgs: 1,
  complete: 'container',
  flags: { output: { type: 'string', short: 'o', help: 'File to write instead of standard output' } },
  async run({ args, engine, flags, out }) {
    if (!flags.output && out.isTerminal)
      throw new ExitError(1, 'cowardly refusing to save to a terminal. Use the -o flag or redirect')
    if (flags.output) checkOutputPath(flags.output, 'failed to export container')
    await writeTo(flags.output, out, await engine.containers.exportTar(args[0]!))
  },
})
