import { command } from '../../command.ts'

export const show = command({
  usage: '',
  summary: 'Print the name of the context in use',
  maxArgs: 0,
  flags: {},
  run: async ({ config, out }) => out.line(config.contextName),
})
