import { parseError, TextError } from './error.ts'

export interface Heredoc {
  readonly name: string
  readonly body: string
  /** variables in `body` are to be expanded: the name was not quoted */
  readonly expand: boolean
  readonly fileDescriptor: number
}

/** One instruction's text, its continuations joined. */
export interface LogicalLine {
  /** of its first physical line, from 1 */
  readonly line: number
  /** of its last one, here-documents and all */
  readonly endLine?: number
  readonly text: string
  readonly heredocs: readonly Heredoc[]
  /** lines of comments before it, without their mark; blank lines may lie between */
  readonly comments?: readonly string[]
}

export interface SplitFile {
  /** character that continues a line and quotes the next one */
  readonly escape: '\\' | '`'
  readonly directives: Readonly<Record<string, string>>
  readonly lines: readonly LogicalLine[]
  readonly warnings: readonly string[]
  /** lines that go on after a blank one */
  readonly emptyLines: readonly number[]
}

const directiveNames = new Set(['escape', 'syntax', 'check'])

/**
 * Joins continued lines and collects here-documents.
 *
 * @throws EngineError `invalid`
 */
export function splitLines(text: string): SplitFile {
  const physical = text
    .replace(/^\ufeff/, '')
    .split('\n')
    .map(line => line.replace(/\r$/, ''))
  const directives = readDirectives(physical)
  const mark = directives.escape ?? '\\'
  if (mark !== '\\' && mark !== '`') throw new TextError(`invalid escape token '${mark}' does not match \` or \\`)
  const lines: LogicalLine[] = []
  const warnings: string[] = []
  const emptyLines: number[] = []
  let comments: string[] = []
  for (let at = 0; at < physical.length; ) {
    const start = at
    const joined = joinLine(physical, at, mark)
    at = joined.next
    if (isComment(physical[start]!) && start >= Object.keys(directives).length)
      comments.push(physical[start]!.slice(1).trim())
    if (joined.text === '') continue
    if (joined.hasEmpty) emptyLines.push(at)
    if (joined.hasEmpty) warnings.push(`[WARNING]: Empty continuation line found in: ${joined.text}`)
    const heredocs = heredocsIn(joined.text).map(marker => {
      const { body, next } = readBody(physical, at, marker)
      at = next
      return { name: marker.name, body, expand: marker.expand, fileDescriptor: marker.fileDescriptor }
    })
    lines.push({ line: start + 1, endLine: at, text: joined.text, heredocs, comments })
    comments = []
  }
  if (warnings.length > 0) warnings.push('[WARNING]: Empty continuation lines will become errors in a future release.')
  return { escape: mark, directives, lines, warnings, emptyLines }
}

function readDirectives(lines: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [i, line] of lines.entries()) {
    const [, name = '', value = ''] = /^\s*#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/.exec(line) ?? []
    const key = name.toLowerCase()
    if (!directiveNames.has(key)) break
    if (found[key] !== undefined) throw parseError(i + 1, `only one ${key} parser directive can be used`)
    found[key] = value
  }
  return found
}

/** The frontend that a file asks for, whether or not the rest of it is a Dockerfile. */
export const syntaxOf = (text: string): string | undefined =>
  readDirectives(text.replace(/^\ufeff/, '').split(/\r?\n/, 16)).syntax

const isComment = (line: string): boolean => /^\s*#/.test(line)

interface Joined {
  readonly text: string
  readonly next: number
  /** a blank line lies within */
  readonly hasEmpty: boolean
}

function joinLine(lines: readonly string[], start: number, mark: string): Joined {
  let at = start
  const parts: string[] = []
  let hasEmpty = false
  for (; at < lines.length; at++) {
    const line = lines[at]!
    if (isComment(line) || (parts.length > 0 && line.trim() === '')) {
      if (parts.length === 0) return { text: '', next: at + 1, hasEmpty }
      hasEmpty ||= line.trim() === ''
      continue
    }
    const part = continued(parts.length === 0 ? line.trimStart() : line, mark)
    parts.push(part ?? (parts.length === 0 ? line.trimStart() : line))
    if (part === undefined) {
      at++
      break
    }
  }
  return { text: parts.join('').trim(), next: at, hasEmpty }
}

/** The line without its escape at the end; undefined when it does not go on. */
function continued(line: string, mark: string): string | undefined {
  const trimmed = line.replace(/[ \t]+$/, '')
  if (!trimmed.endsWith(mark) || trimmed.at(-2) === mark) return undefined
  return trimmed.slice(0, -1)
}

interface Marker {
  readonly name: string
  readonly chomp: boolean
  readonly expand: boolean
  readonly fileDescriptor: number
}

function heredocsIn(text: string): Marker[] {
  if (!/^(?:ONBUILD\s+)?(?:RUN|COPY|ADD)\s/i.test(text) || !text.includes('<<')) return []
  const words = text.matchAll(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/g)
  return [...words].flatMap(([word]) => {
    const [, fd = '', dash, name = ''] = /^(\d*)<<(-?)([^<]+)$/.exec(word) ?? []
    const bare = name.replace(/["'\\]/g, '')
    if (bare === '') return []
    return [{ name: bare, chomp: dash === '-', expand: bare === name, fileDescriptor: Number(fd || 0) }]
  })
}

function readBody(lines: readonly string[], start: number, { name, chomp }: Marker) {
  const body: string[] = []
  for (let at = start; at < lines.length; at++) {
    const text = chomp ? lines[at]!.replace(/^\t+/, '') : lines[at]!
    if (text === name) return { body: body.map(each => `${each}\n`).join(''), next: at + 1 }
    body.push(text)
  }
  throw new TextError('unterminated heredoc')
}
