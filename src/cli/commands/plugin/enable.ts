import { command } from '../../command.ts'
import { ExitError } from '../../errors.ts'

export const enable = command({
  usage: '[OPTIONS] PLUGIN',
  summary: 'Let a plugin work',
  minArgs: 1,
  maxArgs: 1,
  flags: { timeout: { type: 'int', help: 'Seconds of patience', default: 30 } },
  async run({ args, engine, flags, out }) {
    if (flags.timeout < 0) throw new ExitError(1, `negative timeout ${flags.timeout} is invalid`)
    const query = { timeout: String(flags.timeout) }
    await engine.requestJson({ method: 'POST', path: `/plugins/${args[0]}/enable`, query })
    out.line(args[0]!)
  },
})

export const disable = command({
  usage: '[OPTIONS] PLUGIN',
  summary: 'Stop a plugin',
  minArgs: 1,
  maxArgs: 1,
  flags: { force: { type: 'bool', short: 'f', help: 'Even while it is in use' } },
  async run({ args, engine, flags, out }) {
    const query = { force: flags.force ? '1' : undefined }
    await engine.requestJson({ method: 'POST', path: `/plugins/${args[0]}/disable`, query })
    out.line(args[0]!)
  },
})
