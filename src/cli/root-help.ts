import { groups, topLevel } from './commands/index.ts'
import { globalFlags } from './globals.ts'
import { flagLines } from './help.ts'

/** The page that `docker` alone shows. */
export async function rootHelp(home: string, width: number): Promise<string> {
  const commands = await Promise.all(
    Object.entries(topLevel).map(async ([name, load]) => [name, (await load()).summary] as const),
  )
  const row = ([name, summary]: readonly [string, string]) => `  ${name.padEnd(12)}${summary}`
  const sorted = (rows: readonly (readonly [string, string])[]) =>
    [...rows]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(row)
      .join('\n')
  const nouns = Object.entries(groups).map(([name, { summary }]) => [name, summary] as const)
  return [
    'Usage:  docker [OPTIONS] COMMAND',
    'Containers, images, networks and volumes from the command line',
    `Management Commands:\n${sorted(nouns)}`,
    `Commands:\n${sorted(commands)}`,
    `Global Options:\n${flagLines(globalFlags(home), width)}`,
    "Run 'docker COMMAND --help' for more information on a command.\n",
  ].join('\n\n')
}
