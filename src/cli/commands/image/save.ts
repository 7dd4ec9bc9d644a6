import { command } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import { checkPlatform } from '../../options/platform.ts'
import { checkOutputPath, writeTo } from '../../terminal/file.ts'

export const save = command({
  usage: '[OPTIONS] IMAGE [IMAGE...]',
  summary: 'Write images into a tar archive',
  aliases: ['image save', 'save'],
  minArgs: 1,
  complete: 'image',
  flags: {
    output: { type: 'string', short: 'o', help: 'File to write instead of standard output' },
    platform: { type: 'string', help: 'Only this platform (os[/arch[/variant]])', since: '1.48' },
  },
  async run({ args, engine, flags, out }) {
    if (!flags.output && out.isTerminal)
      throw new ExitError(1, 'cowardly refusing to save to a terminal. Use the -o flag or redirect')
    if (flags.output) checkOutputPath(flags.output, 'failed to save image')
    const tar = await engine.images.save(args, flags.platform ? { platforms: [checkPlatform(flags.platform)] } : {})
    await writeTo(flags.output, out, tar)
  },
})
