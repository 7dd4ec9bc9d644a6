import { command } from '../../command.ts'
import { each, many } from './each.ts'

export const kill = command({
  usage: `[OPTIONS] ${many}`,
  summary: 'Send a signal to running containers, KILL unless told otherwise',
  aliases: ['container kill', 'kill'],
  minArgs: 1,
  complete: 'container',
  flags: { signal: { type: 'string', short: 's', help: 'Signal to send' } },
  run: ({ args, engine, flags, out }) =>
    each(
      args,
      name => out.line(name),
      id => engine.containers.kill(id, flags.signal || undefined),
    ),
})
