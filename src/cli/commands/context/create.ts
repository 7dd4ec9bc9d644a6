import { command } from '../../command.ts'
import { parseEndpoint } from '../../context/endpoint.ts'
import { ContextStore, checkContextName } from '../../context/store.ts'
import { ExitError } from '../../errors.ts'
import { dockerEndpoint, endpointHelp } from './endpoint-flag.ts'

export const create = command({
  usage: '[OPTIONS] CONTEXT',
  summary: 'Make a context',
  details: `Make a context: a name for an engine and how to reach it.\n\n${endpointHelp}`,
  minArgs: 1,
  maxArgs: 1,
  flags: {
    description: { type: 'string', help: 'What it is for' },
    docker: dockerEndpoint,
    from: { type: 'string', help: 'Context to copy', complete: 'context' },
  },
  async run({ args: [name = ''], config, err, flags, out }) {
    const store = new ContextStore(config)
    checkContextName(name)
    if (store.has(name)) throw new ExitError(1, `context ${JSON.stringify(name)} already exists`)
    if (!flags.from && flags.docker.length === 0) throw new ExitError(1, 'docker endpoint configuration is required')
    const words = flags.from && flags.docker.length === 0 ? [`from=${flags.from}`] : flags.docker
    const { docker, tls } = parseEndpoint(words, config, store)
    const inherited = flags.from && flags.from !== 'default' ? store.read(flags.from).Metadata : {}
    const Metadata = flags.description ? { ...inherited, Description: flags.description } : inherited
    store.write({ Name: name, Metadata, Endpoints: { docker } }, tls)
    out.line(name)
    err.line(`Successfully created context ${JSON.stringify(name)}`)
  },
})
