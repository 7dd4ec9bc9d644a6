import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

interface Surface {
  readonly aliases?: readonly string[]
  readonly subcommands?: readonly string[]
  readonly flags: readonly string[]
}

const here = import.meta.dirname
const surface = JSON.parse(readFileSync(join(here, 'cli-surface.json'), 'utf8')) as Readonly<Record<string, Surface>>
const isCommand = (path: string): boolean => surface[path] !== undefined && !surface[path].subcommands

/** Options before the command word that take a value of their own. */
const takesValue = /^--?(H|c|l|config|context|host|log-level|tlscacert|tlscert|tlskey)$/

/** What the table of test/e2e/cli/cases uses: `path flag`, and `path` alone. */
function usedWords(): ReadonlySet<string> {
  const used = new Set<string>()
  const folder = join(here, '../e2e/cli/cases')
  for (const file of readdirSync(folder).filter(name => name.endsWith('.txt')))
    for (const line of readFileSync(join(folder, file), 'utf8').split('\n'))
      if (!/^($|[#%!$])/.test(line)) note(used, line)
  return used
}

function note(used: Set<string>, line: string): void {
  const words = [...line.replace(/^~/, '').matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c!)
  while (/^(<|[A-Z_]+=)/.test(words[0] ?? '')) words.shift()
  const flag = (path: string, word: string) => {
    const name = word.replace(/=.*/s, '')
    if (name.startsWith('--')) used.add(`${path} ${name}`)
    else for (const letter of name.slice(1)) used.add(`${path} -${letter}`)
  }
  while (words[0]?.startsWith('-')) {
    const word = words.shift()!
    flag('', word)
    if (takesValue.test(word)) words.shift()
  }
  const path = [2, 1].map(count => words.slice(0, count).join(' ')).find(isCommand)
  if (path === undefined) return
  used.add(path)
  for (const word of words) if (/^-[^-]|^--./.test(word)) flag(path, word)
}

test('every command and every flag of docker is in the table that compares both clients', () => {
  const used = usedWords()
  const missing: string[] = []
  for (const [path, { aliases = [], flags }] of Object.entries(surface)) {
    if (path !== '' && !isCommand(path)) continue
    const names = [path, ...aliases]
    if (path !== '' && !names.some(name => used.has(name))) missing.push(path)
    for (const text of flags) {
      const [, short, long] = /^(?:(-\w), )?(--[\w-]+)/.exec(text)!
      const isUsed = names.some(name => used.has(`${name} ${long}`) || used.has(`${name} ${short}`))
      // `--version` tells who we are
      if (!isUsed && `${path} ${long}` !== ' --version') missing.push(`${path} ${long}`)
    }
  }
  assert.deepEqual(missing, [])
})
