import { createReadStream, createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { command } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import { progressPrinter } from '../../terminal/progress.ts'

export const save = command({
  usage: '[OPTIONS] IMAGE [IMAGE...]',
  summary: 'Write images into a tar archive',
  aliases: ['image save', 'save'],
  minArgs: 1,
  complete: 'image',
  flags: { output: { type: 'string', short: 'o', help: 'File to write instead of standard output' } },
  async run({ args, engine, flags, out }) {
    if (!flags.output && out.isTerminal)
      throw new ExitError(1, 'cowardly refusing to save to a terminal. Use the -o flag or redirect')
    const tar = await engine.images.save(args)
    if (flags.output) await pipeline(tar, createWriteStream(flags.output, { mode: 0o600 }))
    else for await (const chunk of tar) out.write(chunk as Uint8Array)
  },
})

export const load = command({
  usage: '[OPTIONS]',
  summary: 'Read images from a tar archive',
  aliases: ['image load', 'load'],
  maxArgs: 0,
  flags: {
    input: { type: 'string', short: 'i', help: 'File to read instead of standard input' },
    quiet: { type: 'bool', short: 'q', help: 'No progress' },
  },
  async run({ engine, flags, out }) {
    if (!flags.input && process.stdin.isTTY) throw new ExitError(1, 'requested load from stdin, but stdin is empty')
    const tar = flags.input ? createReadStream(flags.input) : process.stdin
    await engine.images.load(tar, { quiet: flags.quiet || !out.isTerminal }, progressPrinter(out))
  },
})
