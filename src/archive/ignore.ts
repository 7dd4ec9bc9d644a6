import { EngineError } from '../base/errors.ts'

interface Rule {
  readonly pattern: RegExp
  readonly negated: boolean
}

/**
 * The rules of a `.dockerignore` file: the last one that matches a path, or a directory above it, decides.
 * Spec: https://docs.docker.com/build/concepts/context/#dockerignore-files
 *
 * @returns tells whether the path, slash separated and relative to the context, is left out
 * @throws EngineError `invalid` for a pattern that Go's filepath.Match refuses
 */
export function parseIgnore(text: string): (path: string) => boolean {
  const rules = text
    .replace(/^\ufeff/, '')
    .split('\n')
    .flatMap(toRule)
  return path => {
    const parts = path.split('/')
    const paths = parts.map((_, i) => parts.slice(0, i + 1).join('/'))
    let ignored = false
    for (const rule of rules)
      if (rule.negated === ignored && paths.some(prefix => rule.pattern.test(prefix))) ignored = !rule.negated
    return ignored
  }
}

function toRule(line: string): Rule[] {
  if (line.startsWith('#')) return []
  const trimmed = line.trim()
  const negated = trimmed.startsWith('!')
  const pattern = clean(negated ? trimmed.slice(1).trim() : trimmed)
  if (trimmed === '' || pattern === '') return []
  return [{ pattern: globPattern(pattern), negated }]
}

/** As Go's filepath.Clean, and without the slash in front. */
function clean(pattern: string): string {
  const kept: string[] = []
  for (const part of pattern.split('/')) {
    if (part === '..' && kept.length > 0 && kept.at(-1) !== '..') kept.pop()
    else if (part !== '' && part !== '.') kept.push(part)
  }
  return kept.join('/')
}

const quote = (char: string): string => char.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

/** Go's filepath.Match, with `**` for any number of directories. */
export function globPattern(glob: string): RegExp {
  let out = '^'
  for (let i = 0; i < glob.length; i++) {
    const char = glob[i]!
    if (char === '*' && glob[i + 1] === '*') {
      while (glob[i + 1] === '*') i++
      if (glob[i + 1] === '/') i++
      out += i + 1 >= glob.length ? '.*' : '(?:.*/)?'
    } else if (char === '*') out += '[^/]*'
    else if (char === '?') out += '[^/]'
    else if (char === '\\') {
      if (++i >= glob.length) throw syntaxError()
      out += quote(glob[i]!)
    } else if (char === '[') {
      const [set, next] = charClass(glob, i + 1)
      out += set
      i = next
    } else out += quote(char)
  }
  return new RegExp(`${out}$`, 's')
}

function charClass(glob: string, start: number): [string, number] {
  let i = start
  const negated = glob[i] === '^'
  if (negated) i++
  let set = ''
  for (let first = true; glob[i] !== ']' || first; i++, first = false) {
    if (glob[i] === '\\') i++
    if (i >= glob.length || (first && glob[i] === ']')) throw syntaxError()
    set += glob[i] === '-' && glob[i - 1] !== '\\' && !first ? '-' : glob[i]!.replace(/[\\\]^-]/g, '\\$&')
  }
  try {
    new RegExp(`[${set}]`)
  } catch {
    throw syntaxError()
  }
  return [`(?!/)[${negated ? '^' : ''}${set}]`, i]
}

const syntaxError = () => new EngineError('invalid', 'syntax error in pattern')
