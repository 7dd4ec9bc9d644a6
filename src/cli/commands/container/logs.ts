import { command } from '../../command.ts'
import { parseMoment } from '../../options/moment.ts'
import { copyFrames, copyRaw } from '../../terminal/stream.ts'

export const logs = command({
  usage: '[OPTIONS] CONTAINER',
  summary: 'Print what a container wrote',
  aliases: ['container logs', 'logs'],
  minArgs: 1,
  maxArgs: 1,
  complete: 'container',
  flags: {
    details: { type: 'bool', help: 'Attributes that log options added' },
    follow: { type: 'bool', short: 'f', help: 'Go on as it writes' },
    since: { type: 'string', help: 'Only later than a moment (2013-01-02T13:23:37Z) or a time ago (42m)' },
    tail: { type: 'string', short: 'n', help: 'So many lines from the end', default: 'all' },
    timestamps: { type: 'bool', short: 't', help: 'The moment of each line' },
    until: { type: 'string', help: 'Only earlier than a moment or a time ago' },
  },
  async run({ args, engine, err, flags, out }) {
    const { Config, Id } = await engine.containers.inspect(args[0]!)
    const { stream } = await engine.containers.logs(Id!, {
      stdout: true,
      stderr: true,
      follow: flags.follow,
      timestamps: flags.timestamps,
      details: flags.details,
      since: parseMoment(flags.since),
      until: parseMoment(flags.until),
      tail: /^\d+$/.test(flags.tail) ? Number(flags.tail) : undefined,
    })
    await (Config?.Tty ? copyRaw(stream, out) : copyFrames(stream, out, err))
  },
})
