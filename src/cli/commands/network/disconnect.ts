import { command } from '../../command.ts'

export const disconnect = command({
  usage: '[OPTIONS] NETWORK CONTAINER',
  summary: 'Take a container out of a network',
  minArgs: 2,
  maxArgs: 2,
  complete: 'network',
  flags: { force: { type: 'bool', short: 'f', help: 'Whatever state it is in' } },
  run: ({ args, engine, flags }) => engine.networks.disconnect(args[0]!, args[1]!, flags.force),
})
