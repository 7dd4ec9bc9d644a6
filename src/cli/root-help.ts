import { groupNames, loadGroup, swarmNames, topLevel } from './commands/index.ts'
import type { Config } from './config.ts'
import { globalFlags } from './globals.ts'
import { flagLines } from './help.ts'
import { pluginSummaries } from './plugins.ts'

type Row = readonly [name: string, summary: string]

const common = ['run', 'exec', 'ps', 'build', 'pull', 'push', 'images', 'login', 'logout', 'search', 'version', 'info']

const sorted = (rows: readonly Row[]): readonly Row[] => [...rows].sort(([a], [b]) => (a < b ? -1 : 1))

async function commandRows(): Promise<readonly Row[]> {
  const loaded = await Promise.all(Object.entries(topLevel).map(async ([name, load]) => [name, await load()] as const))
  return loaded.filter(([, { hidden }]) => !hidden).map(([name, { summary }]) => [name, summary] as const)
}

const groupRows = (names: readonly string[]): Promise<readonly Row[]> =>
  Promise.all(names.map(async name => [name, (await loadGroup(name))?.summary ?? ''] as const))

/** The page that `docker` alone shows. */
export async function rootHelp(config: Config, width: number): Promise<string> {
  const home = config.environment.HOME ?? '/'
  const plugins = await pluginSummaries(config)
  const commands = await commandRows()
  const management = await groupRows(groupNames.filter(name => !swarmNames.includes(name as never)))
  const sections: readonly (readonly [title: string, rows: readonly Row[]])[] = [
    ['Common Commands', common.map(name => commands.find(([other]) => other === name) ?? [name, ''])],
    ['Management Commands', sorted([...management, ...plugins])],
    ['Swarm Commands', await groupRows(swarmNames)],
    ['Commands', sorted(commands.filter(([name]) => !common.includes(name)))],
  ]
  const column = Math.max(10, ...sections.flatMap(([, rows]) => rows.map(([name]) => name.length))) + 2
  const text = ([title, rows]: (typeof sections)[number]) =>
    `${title}:\n${rows.map(([name, summary]) => `  ${name.padEnd(column)}${summary}`).join('\n')}`
  return [
    'Usage:  docker [OPTIONS] COMMAND',
    'Containers, images, networks and volumes from the command line',
    ...sections.map(text),
    `Global Options:\n${flagLines(globalFlags(home), width)}`,
    "Run 'docker COMMAND --help' for more information on a command.\n",
  ].join('\n\n')
}
