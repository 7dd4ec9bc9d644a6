import { command } from '../../command.ts'

export const set = command({
  usage: 'PLUGIN KEY=VALUE [KEY=VALUE...]',
  summary: "Change a plugin's settings",
  minArgs: 2,
  flags: {},
  async run({ args: [name, ...settings], engine }) {
    await engine.requestJson({ method: 'POST', path: `/plugins/${name}/set`, body: settings as object })
  },
})
