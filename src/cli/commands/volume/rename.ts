import { command } from '../../command.ts'

export const rename = command({
  usage: 'VOLUME NEW_NAME',
  summary: 'Give a volume another name, also while containers use it',
  minArgs: 2,
  maxArgs: 2,
  complete: 'volume',
  flags: {},
  async run({ args: [from = '', to = ''], engine }) {
    await engine.volumes.rename(from, to)
  },
})
