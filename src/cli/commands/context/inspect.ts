import { command } from '../../command.ts'
import type { Config } from '../../config.ts'
import { ContextStore } from '../../context/store.ts'
import { goJson } from '../../format/functions.ts'
import { formatOne } from '../../options/common.ts'
import { show } from '../system/inspect.ts'

function describe(config: Config, store: ContextStore, name: string): object {
  if (name === 'default') {
    const docker = { Host: config.defaultEndpointHost, SkipTLSVerify: false }
    const storage = { MetadataPath: '<IN MEMORY>', TLSPath: '<IN MEMORY>' }
    return { Name: name, Metadata: {}, Endpoints: { docker }, TLSMaterial: {}, Storage: storage }
  }
  const { Endpoints, Metadata } = store.read(name)
  const files = Object.keys(store.tlsFiles(name))
  return {
    Name: name,
    Metadata,
    Endpoints,
    TLSMaterial: files.length ? { docker: files } : {},
    Storage: { MetadataPath: store.metaDir(name), TLSPath: store.tlsDir(name) },
  }
}

export const inspect = command({
  usage: '[OPTIONS] [CONTEXT] [CONTEXT...]',
  summary: 'Show everything about one or more contexts',
  complete: 'context',
  flags: { format: formatOne },
  run: ({ args, config, flags, out }) => {
    const store = new ContextStore(config)
    const names = args.length ? args : [config.contextName]
    const safe = {
      ...out,
      line: (text: string) =>
        out.line(flags.format ? text : text.replace(/[<>&]/g, mark => goJson(mark, true).slice(1, -1))),
    }
    return show(safe, names, flags.format, async name => describe(config, store, name))
  },
})
