import { command } from '../../command.ts'
import { ContextStore } from '../../context/store.ts'

export const use = command({
  usage: 'CONTEXT',
  summary: 'Choose the context that commands use',
  minArgs: 1,
  maxArgs: 1,
  complete: 'context',
  flags: {},
  async run({ args: [name = ''], config, err, out }) {
    if (name !== 'default') new ContextStore(config).read(name)
    const { currentContext, ...rest } = config.file
    const wanted = name === 'default' ? undefined : name
    if (currentContext !== wanted) config.save(wanted ? { ...rest, currentContext: wanted } : rest)
    out.line(name)
    err.line(`Current context is now ${JSON.stringify(name)}`)
    if (name !== 'default' && config.env('DOCKER_HOST'))
      err.line(
        'Warning: DOCKER_HOST environment variable overrides the active context. To use ' +
          `${JSON.stringify(name)}, either set the global --context flag, or unset DOCKER_HOST environment variable.`,
      )
  },
})
