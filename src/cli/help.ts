import type { Command, Group } from './command.ts'
import { defaultNote, type FlagTable, placeholderOf } from './flags.ts'

/** Breaks text at blanks so that no line is wider than `width`, further lines indented by `indent`. */
export function wrap(text: string, width: number, indent: number): string {
  const lines: string[] = []
  for (const paragraph of text.split('\n')) {
    let line = ''
    for (const word of paragraph.split(' ')) {
      if (line && line.length + 1 + word.length > width) {
        lines.push(line)
        line = word
      } else line = line ? `${line} ${word}` : word
    }
    lines.push(line)
  }
  return lines.join(`\n${' '.repeat(indent)}`)
}

/** The options of a help page, aligned. */
export function flagLines(table: FlagTable, width: number): string {
  const shown = Object.entries(table)
    .filter(([, spec]) => !spec.hidden && !spec.deprecated)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const rows = shown.map(([name, spec]) => {
    const placeholder = placeholderOf(spec)
    const left = `  ${spec.short ? `-${spec.short}, ` : '    '}--${name}${placeholder ? ` ${placeholder}` : ''}`
    return [left, `${spec.help}${defaultNote(spec)}`] as const
  })
  const column = Math.max(0, ...rows.map(([left]) => left.length)) + 3
  return rows
    .map(([left, help]) => `${left.padEnd(column)}${wrap(help, Math.max(24, width - column), column)}`)
    .join('\n')
}

export const usageLine = (path: string, usage: string): string => `Usage:  docker ${path} ${usage}`.trimEnd()

/** The help page of a command. */
export function commandHelp(path: string, command: Command, width: number): string {
  const usages = (command.usages ?? [command.usage]).map((usage, at) =>
    at === 0 ? usageLine(path, usage) : usageLine(path, usage).replace('Usage:', '      '),
  )
  const sections = [usages.join('\n'), command.details ?? command.summary]
  if (command.aliases?.length)
    sections.push(`Aliases:\n  ${command.aliases.map(alias => `docker ${alias}`).join(', ')}`)
  const options = flagLines(command.flags, width)
  if (options) sections.push(`Options:\n${options}`)
  return `${sections.join('\n\n')}\n`
}

/** The help page of a group. */
export async function groupHelp(path: string, group: Group): Promise<string> {
  const entries = await Promise.all(
    Object.entries(group.commands).map(async ([name, load]) => [name, await load()] as const),
  )
  const shown = entries.filter(([, command]) => !command.hidden).sort(([a], [b]) => (a < b ? -1 : 1))
  const column = Math.max(...shown.map(([name]) => name.length), 9) + 2
  const rows = shown.map(([name, command]) => `  ${name.padEnd(column)}${command.summary}`)
  const note = group.experimental ? 'EXPERIMENTAL:\n  needs an engine with experimental features\n\n' : ''
  return `${usageLine(path, 'COMMAND')}\n\n${group.details ?? group.summary}\n\n${note}Commands:\n${rows.join('\n')}\n\nRun 'docker ${path} COMMAND --help' for more information on a command.\n`
}
