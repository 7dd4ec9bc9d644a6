import { command } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import { checkOutputPath, openInput, writeTo } from '../../terminal/file.ts'

export const listCaches = command({
  usage: '',
  summary: 'List what RUN --mount=type=cache has kept',
  maxArgs: 0,
  flags: {},
  async run({ engine, out }) {
    for (const { Id, InUse } of await engine.buildCaches.list()) out.line(InUse ? `${Id} (in use)` : Id)
  },
})

export const exportCache = command({
  usage: '[OPTIONS] ID',
  summary: 'Write the files of a cache mount into a tar archive',
  minArgs: 1,
  maxArgs: 1,
  flags: { output: { type: 'string', short: 'o', help: 'File to write instead of standard output' } },
  async run({ args: [name = ''], engine, flags, out }) {
    if (!flags.output && out.isTerminal)
      throw new ExitError(1, 'cowardly refusing to save to a terminal. Use the -o flag or redirect')
    if (flags.output) checkOutputPath(flags.output, 'failed to export the cache mount')
    await writeTo(flags.output, out, await engine.buildCaches.exportTar(name))
  },
})

export const importCache = command({
  usage: 'ID [FILE|-]',
  summary: 'Fill a cache mount anew from a tar archive',
  minArgs: 1,
  maxArgs: 2,
  flags: {},
  async run({ args: [name = '', from = '-'], engine, out }) {
    await engine.buildCaches.importTar(name, from === '-' ? process.stdin : await openInput(from))
    out.line(name)
  },
})
