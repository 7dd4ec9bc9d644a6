import { command } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import { checkPlatform } from '../../options/platform.ts'
import { openInput } from '../../terminal/file.ts'
import { progressPrinter } from '../../terminal/progress.ts'

export const load = command({
  usage: '[OPTIONS]',
  summary: 'Read images from a tar archive',
  aliases: ['image load', 'load'],
  maxArgs: 0,
  flags: {
    input: { type: 'string', short: 'i', help: 'File to read instead of standard input' },
    platform: { type: 'string', help: 'Only this platform (os[/arch[/variant]])', since: '1.48' },
    quiet: { type: 'bool', short: 'q', help: 'No progress' },
  },
  async run({ engine, flags, out }) {
    if (!flags.input && process.stdin.isTTY) throw new ExitError(1, 'requested load from stdin, but stdin is empty')
    const tar = flags.input ? await openInput(flags.input) : process.stdin
    const options = {
      quiet: flags.quiet || !out.isTerminal,
      ...(flags.platform ? { platforms: [checkPlatform(flags.platform)] } : {}),
    }
    await engine.images.load(tar, options, progressPrinter(out))
  },
})
