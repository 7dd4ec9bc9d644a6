import { command } from '../../command.ts'
import { parseEndpoint } from '../../context/endpoint.ts'
import { ContextStore, checkContextName } from '../../context/store.ts'
import { dockerEndpoint, endpointHelp } from './endpoint-flag.ts'

export const update = command({
  usage: '[OPTIONS] CONTEXT',
  summary: 'Change a context',
  details: `Change a context.\n\n${endpointHelp.replace('create', 'update')}`,
  minArgs: 1,
  maxArgs: 1,
  complete: 'context',
  flags: { description: { type: 'string', help: 'What it is for' }, docker: dockerEndpoint },
  async run({ args: [name = ''], config, err, flags, out }) {
    const store = new ContextStore(config)
    checkContextName(name)
    const before = store.read(name)
    const endpoint = flags.docker.length ? parseEndpoint(flags.docker, config, store) : undefined
    const Metadata = flags.description ? { ...before.Metadata, Description: flags.description } : before.Metadata
    const Endpoints = endpoint ? { ...before.Endpoints, docker: endpoint.docker } : before.Endpoints
    store.write({ ...before, Metadata, Endpoints }, endpoint?.tls)
    out.line(name)
    err.line(`Successfully updated context ${JSON.stringify(name)}`)
  },
})
