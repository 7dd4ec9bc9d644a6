import { type Command, command, type Group } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import type { FlagTable } from '../../flags.ts'
import { show } from '../system/inspect.ts'
import { glanceAt } from './compose.ts'
import { toFlags } from './flags.ts'
import { content, type Given, member, queryOf, type SwarmCommand } from './request.ts'

const plainAnswer = new ExitError(1, 'Swarm mode is not part of Berth: this engine manages no swarm')

type Ask = (target: { readonly method: string; readonly path: string }) => Promise<unknown>

const detachNotice =
  'Since --detach=false was not specified, tasks will be created in the background.\nIn a future release, --detach=false will become the default.'

const notManager =
  'this node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again'

/** The address for a name; `self` is looked up first, and without a swarm the list of nodes says why it is nobody. */
async function addressFor(ask: Ask, path: string, name: string): Promise<string> {
  if (path !== '/nodes/{}' || name !== 'self') return path.replace('{}', name)
  await ask({ method: 'GET', path: '/info' })
  return '/nodes'
}

async function helpOf(path: string, { summary, usage }: SwarmCommand, flags: FlagTable): Promise<string> {
  const { commandHelp } = await import('../../help.ts')
  return commandHelp(path, { usage, summary, flags, run: async () => 0 }, 80)
}

/** The command of one line of the table. */
export function swarmCommand(noun: string, line: SwarmCommand): Command {
  const [minArgs = 0, maxArgs] = line.args ?? [0, 0]
  const flagTable = toFlags(line.flags ?? '')
  return command({
    usage: line.usage,
    summary: line.summary,
    ...(line.aliases ? { aliases: line.aliases } : {}),
    ...(line.usage.includes('IMAGE [COMMAND]') ? { stopAtFirst: true } : {}),
    minArgs,
    ...(line.args && maxArgs === undefined ? {} : { maxArgs: maxArgs ?? 0 }),
    flags: flagTable,
    async run({ args, changed, engine, err, flags, out, path }) {
      const given: Given = flags
      const request: Ask = target => engine.requestJson(target)
      const ask = async (name = '') =>
        engine.requestJson({
          method: line.method ?? 'GET',
          path: line.resolvesSelf ? await addressFor(request, line.path, name) : line.path.replace('{}', name),
          query: queryOf(line, name, given),
          ...(line.kind === 'member' ? { body: member(args, given) } : {}),
          ...(line.kind === 'content' ? { body: content(args, noun, given) } : {}),
        })
      if (line.kind === 'inspect' && given.pretty !== true) return show(out, args, String(given.format ?? ''), ask)
      if (line.kind === 'unlock') {
        await ask()
        throw new ExitError(1, 'Error: This node is not part of a swarm')
      }
      if (line.looksUpNetworks)
        for (const name of given.network as readonly string[])
          await engine.requestJson({ method: 'GET', path: `/networks/${name}`, query: { scope: 'swarm' } })
      if (line.rotates && given.rotate === true) await request({ method: 'GET', path: line.rotates })
      if (line.kind === 'compose' || line.kind === 'deploy') {
        await glanceAt(given['compose-file'] as readonly string[])
        if (line.kind === 'compose') throw plainAnswer
        if (!changed.has('detach')) err.line(detachNotice)
        await ask()
        throw new ExitError(1, notManager)
      }
      if (line.needsFlag && changed.size === 0) return out.write(await helpOf(path, line, flagTable))
      const names =
        line.kind === 'each' || line.kind === 'inspect' ? args : [args[0] ?? (line.resolvesSelf ? 'self' : '')]
      const errors: string[] = []
      for (const name of names) {
        try {
          await ask(name.split('=')[0])
          throw plainAnswer
        } catch (error) {
          errors.push(`${(line.prefix ?? '').replace('{}', name.split('=')[0]!)}${(error as Error).message}`)
        }
      }
      throw new ExitError(1, errors.join('\n'))
    },
  })
}

/** A group of such commands. */
export const swarmGroup = (
  noun: string,
  summary: string,
  lines: Readonly<Record<string, SwarmCommand>>,
  aliases: Readonly<Record<string, string>> = {},
): Group => ({
  summary,
  swarm: true,
  aliases,
  commands: Object.fromEntries(
    Object.entries(lines).map(([name, line]) => [name, async () => swarmCommand(noun, line)]),
  ),
})
