import { messageOf } from '../../../base/errors.ts'
import type { SystemVersion } from '../../../spec/engine-api/system.ts'
import { command } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import { printOne, unanswered } from '../../format/list.ts'
import { formatClassic } from '../../format/moment.ts'
import { alignTabs } from '../../format/tabwriter.ts'
import { formatOne } from '../../options/common.ts'
import { buildTime, clientApiVersion, clientVersion, gitCommit, runtimeVersion } from '../../version.ts'

const engineRows = (details: Readonly<Record<string, string>>): readonly string[] => [
  `  API version:\t${details.ApiVersion} (minimum version ${details.MinAPIVersion})`,
  `  Go version:\t${details.GoVersion ?? ''}`,
  `  Git commit:\t${details.GitCommit ?? ''}`,
  `  Built:\t${formatClassic(details.BuildTime ?? '')}`,
  `  OS/Arch:\t${details.Os}/${details.Arch}`,
  `  Experimental:\t${details.Experimental ?? 'false'}`,
]

function serverRows(server: SystemVersion): readonly string[] {
  const rows = (server.Components ?? []).flatMap(({ Details, Name, Version }) => {
    const details = (Details ?? {}) as Readonly<Record<string, string>>
    const more =
      Name === 'Engine' ? engineRows(details) : Object.entries(details).map(([key, value]) => `  ${key}:\t${value}`)
    return [` ${Name}:`, `  Version:\t${Version ?? ''}`, ...more]
  })
  const platform = server.Platform?.Name
  return ['', `Server:${platform ? ` ${platform}` : ''}`, ...rows]
}

interface ClientVersion {
  readonly [name: string]: string | { readonly Name: string }
}

function clientRows(client: ClientVersion): readonly string[] {
  const api =
    client.ApiVersion === client.DefaultAPIVersion
      ? client.ApiVersion
      : `${client.ApiVersion} (downgraded from ${client.DefaultAPIVersion})`
  return [
    'Client:',
    ` Version:\t${client.Version}`,
    ` API version:\t${api}`,
    ` Go version:\t${client.GoVersion}`,
    ` Git commit:\t${client.GitCommit}`,
    ` Built:\t${client.BuildTime}`,
    ` OS/Arch:\t${client.Os}/${client.Arch}`,
    ` Context:\t${client.Context}`,
  ]
}

/** Templates know this field by its Go name as well, which differs from the one in JSON. */
const fieldNamed = <T extends { readonly ApiVersion?: unknown }>(version: T): T =>
  Object.defineProperty({ ...version }, 'APIVersion', { value: version.ApiVersion, enumerable: false })

const serverOf = (server: SystemVersion | undefined, format: string): object | null => {
  if (server) return fieldNamed(server)
  return format.includes('.Server.') ? unanswered() : null
}

export const version = command({
  usage: '[OPTIONS]',
  summary: 'Show the versions of client and engine',
  maxArgs: 0,
  flags: { format: formatOne },
  async run({ config, engine, flags, out }) {
    let server: SystemVersion | undefined
    let failure = ''
    try {
      server = await engine.system.version()
    } catch (error) {
      failure = messageOf(error)
    }
    const client: ClientVersion = {
      Platform: { Name: '' },
      Version: clientVersion,
      ApiVersion: server ? await engine.apiVersion() : clientApiVersion,
      DefaultAPIVersion: clientApiVersion,
      GitCommit: gitCommit,
      GoVersion: runtimeVersion(),
      Os: 'linux',
      Arch: process.arch === 'x64' ? 'amd64' : process.arch,
      BuildTime: buildTime,
      Context: config.contextName,
    }
    if (flags.format)
      printOne(out, { Client: fieldNamed(client), Server: serverOf(server, flags.format) }, flags.format)
    else {
      const rows = [...clientRows(client), ...(server ? serverRows(server) : [])]
      out.write(alignTabs(rows.map(row => `${row}\n`).join(''), { minWidth: 20, padding: 1 }))
    }
    if (failure) throw new ExitError(1, failure)
  },
})
