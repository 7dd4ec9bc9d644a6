import { command } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import { checkOutputPath, openInput, writeTo } from '../../terminal/file.ts'

export const exportVolume = command({
  usage: '[OPTIONS] VOLUME',
  summary: "Write a volume's files into a tar archive",
  minArgs: 1,
  maxArgs: 1,
  complete: 'volume',
  flags: { output: { type: 'string', short: 'o', help: 'File to write instead of standard output' } },
  async run({ args: [name = ''], engine, flags, out }) {
    if (!flags.output && out.isTerminal)
      throw new ExitError(1, 'cowardly refusing to save to a terminal. Use the -o flag or redirect')
    if (flags.output) checkOutputPath(flags.output, 'failed to export volume')
    await writeTo(flags.output, out, await engine.volumes.exportTar(name))
  },
})

export const importVolume = command({
  usage: '[OPTIONS] VOLUME [FILE|-]',
  summary: 'Fill a volume, made where it is missing, from a tar archive',
  minArgs: 1,
  maxArgs: 2,
  complete: 'volume',
  flags: { replace: { type: 'bool', help: 'Throw away what the volume holds' } },
  async run({ args: [name = '', from = '-'], engine, flags, out }) {
    const archive = from === '-' ? process.stdin : await openInput(from)
    await engine.volumes.importTar(name, archive, { replace: flags.replace })
    out.line(name)
  },
})
