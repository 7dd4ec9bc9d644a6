import { messageOf } from '../../../base/errors.ts'
import type { EngineConnection } from '../../../spec/engine-api/connection.ts'
import { formatFamiliar, parseReference, withDefaultTag } from '../../../spec/reference.ts'
import { type Command, command } from '../../command.ts'
import type { Config } from '../../config.ts'
import { authHeader } from '../../credentials.ts'
import { ExitError } from '../../errors.ts'
import { contentTrust } from '../../options/common.ts'
import type { Output } from '../../output.ts'
import { confirm } from '../../terminal/confirm.ts'
import { progressPrinter } from '../../terminal/progress.ts'

interface Privilege {
  readonly Name: string
  readonly Description: string
  readonly Value: readonly string[]
}

interface Wish {
  readonly remote: string
  readonly isGranted: boolean
}

/** What the plugin may do, once somebody has agreed. */
async function privileges(
  engine: EngineConnection,
  config: Config,
  out: Output,
  { isGranted, remote }: Wish,
): Promise<readonly Privilege[]> {
  const headers = { 'X-Registry-Auth': authHeader(config, parseReference(remote).domain) }
  const wanted = (await engine.requestJson({
    method: 'GET',
    path: '/plugins/privileges',
    query: { remote },
    headers,
  })) as readonly Privilege[] | null
  if (isGranted || !wanted?.length) return wanted ?? []
  const lines = wanted.map(({ Name, Value }) => ` - ${Name}: [${Value.join(' ')}]`)
  const question = `Plugin ${JSON.stringify(remote)} is requesting the following privileges:\n${lines.join('\n')}\nDo you grant the above permissions?`
  if (confirm(out, question)) return wanted
  throw new ExitError(1)
}

interface Installed {
  readonly Name: string
  readonly Enabled: boolean
  readonly PluginReference: string
}

async function readPlugin(engine: EngineConnection, name: string): Promise<Installed> {
  try {
    return (await engine.requestJson({ method: 'GET', path: `/plugins/${name}/json` })) as Installed
  } catch (error) {
    throw new ExitError(1, `error reading plugin data: ${messageOf(error)}`)
  }
}

const grant = { type: 'bool', help: 'Agree to everything that the plugin wants' } as const

export const install: Command = command({
  usage: '[OPTIONS] PLUGIN [KEY=VALUE...]',
  summary: 'Fetch a plugin and let it work',
  minArgs: 1,
  flags: {
    alias: { type: 'string', help: 'Name to know it by' },
    disable: { type: 'bool', help: 'Do not let it work yet' },
    'disable-content-trust': contentTrust,
    'grant-all-permissions': grant,
  },
  async run({ args: [name = '', ...settings], config, engine, flags, out }) {
    const remote = formatFamiliar(parseReference(name))
    const body = await privileges(engine, config, out, { remote, isGranted: flags['grant-all-permissions'] })
    const alias = flags.alias && formatFamiliar(withDefaultTag(parseReference(flags.alias)))
    const query = { remote, name: alias }
    const headers = { 'X-Registry-Auth': authHeader(config, parseReference(name).domain) }
    await engine.requestProgress(
      { method: 'POST', path: '/plugins/pull', query, headers, body: body as object },
      progressPrinter(out),
    )
    const local = alias || formatFamiliar(withDefaultTag(parseReference(name)))
    if (settings.length)
      await engine.requestJson({ method: 'POST', path: `/plugins/${local}/set`, body: settings as object })
    if (!flags.disable)
      await engine.requestJson({ method: 'POST', path: `/plugins/${local}/enable`, query: { timeout: '0' } })
    out.line(`Installed plugin ${name}`)
  },
})

export const upgrade = command({
  usage: '[OPTIONS] PLUGIN [REMOTE]',
  summary: 'Bring a plugin up to date',
  minArgs: 1,
  maxArgs: 2,
  flags: {
    'disable-content-trust': contentTrust,
    'grant-all-permissions': grant,
    'skip-remote-check': { type: 'bool', help: 'Take another plugin in its place as well' },
  },
  async run({ args: [name = '', given = ''], config, engine, flags, out }) {
    const plugin = await readPlugin(engine, name)
    if (plugin.Enabled) throw new ExitError(1, 'the plugin must be disabled before upgrading')
    const before = parseReference(plugin.PluginReference)
    const remote = given ? formatFamiliar(withDefaultTag(parseReference(given))) : formatFamiliar(before)
    out.line(`Upgrading plugin ${plugin.Name} from ${formatFamiliar(before)} to ${remote}`)
    const question = 'Plugin images do not match, are you sure?'
    if (!flags['skip-remote-check'] && remote !== formatFamiliar(before) && !confirm(out, question))
      throw new ExitError(1)
    const body = await privileges(engine, config, out, { remote, isGranted: flags['grant-all-permissions'] })
    const headers = { 'X-Registry-Auth': authHeader(config, parseReference(remote).domain) }
    const request = {
      method: 'POST',
      path: `/plugins/${name}/upgrade`,
      query: { remote },
      headers,
      body: body as object,
    }
    await engine.requestProgress(request, progressPrinter(out))
    out.line(`Upgraded plugin ${name} to ${remote}`)
  },
})
