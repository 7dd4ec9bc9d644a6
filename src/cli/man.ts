import type { Command } from './command.ts'
import { groupNames, loadGroup, topLevel } from './commands/index.ts'
import { defaultNote, type FlagTable, placeholderOf } from './flags.ts'
import { globalFlags } from './globals.ts'
import { berthVersion } from './version.ts'

const roff = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1')

const heading = (name: string): string => `.TH "${name.toUpperCase()}" "1" "" "Berth ${berthVersion}" "User Commands"\n`

function flagEntries(table: FlagTable): string {
  return Object.entries(table)
    .filter(([, spec]) => !spec.hidden)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, spec]) => {
      const value = placeholderOf(spec)
      const names = `${spec.short ? `\\fB\\-${spec.short}\\fR, ` : ''}\\fB\\-\\-${roff(name)}\\fR`
      return `.TP\n${names}${value ? ` \\fI${roff(value)}\\fR` : ''}\n${roff(`${spec.help}${defaultNote(spec)}`)}\n`
    })
    .join('')
}

/** The manual page of one command. */
export function commandPage(path: string, { aliases, details, flags, summary, usage }: Command): string {
  const name = `berth-${path.replaceAll(' ', '-')}`
  const options = flagEntries(flags)
  return [
    heading(name),
    `.SH NAME\n${roff(name)} \\- ${roff(summary)}\n`,
    `.SH SYNOPSIS\n\\fBberth ${roff(path)}\\fR ${roff(usage)}\n`,
    `.SH DESCRIPTION\n${roff(details ?? summary)}\n`,
    options && `.SH OPTIONS\n${options}`,
    aliases?.length ? `.SH ALIASES\n${aliases.map(alias => roff(`berth ${alias}`)).join(', ')}\n` : '',
    '.SH SEE ALSO\n\\fBberth\\fR(1)\n',
  ].join('')
}

async function allCommands(): Promise<readonly (readonly [path: string, command: Command])[]> {
  const alone = Object.entries(topLevel).map(async ([name, load]) => [name, await load()] as const)
  const grouped = groupNames.map(async noun => {
    const group = await loadGroup(noun)
    const entries = Object.entries(group?.commands ?? {})
    return Promise.all(entries.map(async ([name, load]) => [`${noun} ${name}`, await load()] as const))
  })
  return [...(await Promise.all(alone)), ...(await Promise.all(grouped)).flat()]
}

/** Manual pages by file name: one for each command, and one for all of it. */
export async function manPages(home: string): Promise<ReadonlyMap<string, string>> {
  const commands = (await allCommands()).filter(([, { hidden }]) => !hidden)
  const pages = commands.map(
    ([path, item]) => [`berth-${path.replaceAll(' ', '-')}.1`, commandPage(path, item)] as const,
  )
  const list = commands.map(([path, { summary }]) => `.TP\n\\fB${roff(path)}\\fR\n${roff(summary)}\n`).join('')
  const main = [
    heading('berth'),
    '.SH NAME\nberth \\- containers, images, networks and volumes from the command line\n',
    '.SH SYNOPSIS\n\\fBberth\\fR [OPTIONS] COMMAND\n',
    `.SH OPTIONS\n${flagEntries(globalFlags(home))}`,
    `.SH COMMANDS\n${list}`,
  ].join('')
  return new Map([['berth.1', main], ...pages])
}
