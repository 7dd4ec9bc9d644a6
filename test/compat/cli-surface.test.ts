import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Command } from '../../src/cli/command.ts'
import { loadGroup, topLevel } from '../../src/cli/commands/index.ts'
import { defaultNote, type FlagTable, placeholderOf } from '../../src/cli/flags.ts'
import { globalFlags } from '../../src/cli/globals.ts'

interface Surface {
  readonly usage: string
  readonly aliases?: readonly string[]
  readonly subcommands?: readonly string[]
  /** `-s, --name type = default`, as docker's help page has them */
  readonly flags: readonly string[]
}

const surface = JSON.parse(readFileSync(join(import.meta.dirname, 'cli-surface.json'), 'utf8')) as Readonly<
  Record<string, Surface>
>

/** Commands that docker does not have. */
const extras = new Set([
  ...['clone', 'export', 'import', 'rename', 'snapshot'].map(name => `volume ${name}`),
  ...['caches', 'export-cache', 'import-cache'].map(name => `builder ${name}`),
])

/** Flags that docker does not have, by command. */
const extraFlags: Readonly<Record<string, readonly string[]>> = { update: ['-p, --publish list'] }

function shownFlags(table: FlagTable): readonly string[] {
  return Object.entries(table)
    .filter(([, spec]) => !spec.hidden)
    .map(([name, spec]) => {
      const type = placeholderOf(spec)
      const note = defaultNote(spec).replace(/^ \(default (.*)\)$/s, ' = $1')
      return `${spec.short ? `-${spec.short}, ` : ''}--${name}${type ? ` ${type}` : ''}${note}`
    })
    .sort()
}

async function commandAt(path: string): Promise<Command | undefined> {
  const [first = '', second] = path.split(' ')
  const load = second === undefined ? topLevel[first] : (await loadGroup(first))?.commands[second]
  return load?.()
}

for (const [path, { aliases, flags, subcommands, usage }] of Object.entries(surface)) {
  if (path === '') {
    test('docker: the global options', () => {
      const home = shownFlags(globalFlags('~')).map(flag => flag.replace('--host string', '--host list'))
      assert.deepEqual(home, [...flags].sort())
    })
    test('docker: every command is there', async () => {
      for (const name of subcommands ?? [])
        if (name !== 'trust') assert.ok(topLevel[name] ?? (await loadGroup(name)), name)
    })
  } else if (subcommands) {
    test(`docker ${path}: its commands`, async () => {
      const group = await loadGroup(path)
      const loaded = Object.entries(group!.commands).map(async ([name, load]) => [name, await load()] as const)
      const shown = (await Promise.all(loaded))
        .filter(([name, { hidden }]) => !hidden && !extras.has(`${path} ${name}`))
        .map(([name]) => name)
      assert.deepEqual(shown.sort(), [...subcommands].sort())
    })
  } else {
    test(`docker ${path}: usage, aliases and flags`, async () => {
      const command = await commandAt(path)
      assert.ok(command)
      assert.equal(command.usage, usage)
      assert.deepEqual(command.aliases ?? [], aliases ?? [])
      const extra = extraFlags[path.replace('container ', '')] ?? []
      assert.deepEqual(
        shownFlags(command.flags).filter(flag => !extra.includes(flag)),
        [...flags].sort(),
      )
    })
  }
}
