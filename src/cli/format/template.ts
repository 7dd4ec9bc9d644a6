import { ExitError } from '../errors.ts'
import { callFunction, printValue, truthy } from './functions.ts'

type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly code: string }
  | {
      readonly kind: 'if' | 'with' | 'range'
      readonly code: string
      readonly body: readonly Node[]
      readonly otherwise: readonly Node[]
    }

const fail = (why: string) => new ExitError(64, `template parsing error: template: :1: ${why}`)

interface Token {
  readonly isAction: boolean
  readonly text: string
}

function tokenize(source: string): readonly Token[] {
  const tokens: Token[] = []
  let rest = source
  for (let at = rest.indexOf('{{'); at >= 0; at = rest.indexOf('{{')) {
    const end = rest.indexOf('}}', at)
    if (end < 0) throw fail('unclosed action')
    let code = rest.slice(at + 2, end)
    let before = rest.slice(0, at)
    rest = rest.slice(end + 2)
    if (/^-\s/.test(code)) {
      before = before.trimEnd()
      code = code.slice(1)
    }
    if (/\s-$/.test(code)) {
      rest = rest.trimStart()
      code = code.slice(0, -1)
    }
    if (before) tokens.push({ isAction: false, text: before })
    if (!code.trim().startsWith('/*')) tokens.push({ isAction: true, text: code.trim() })
  }
  if (rest) tokens.push({ isAction: false, text: rest })
  return tokens
}

class TemplateParser {
  readonly #tokens: Token[]

  constructor(source: string) {
    this.#tokens = [...tokenize(source)]
  }

  /** Nodes up to one of `ends`, which is eaten and told. */
  list(ends: readonly string[]): { nodes: readonly Node[]; end: string } {
    const nodes: Node[] = []
    for (let token = this.#tokens.shift(); token; token = this.#tokens.shift()) {
      if (!token.isAction) {
        nodes.push({ kind: 'text', text: token.text })
        continue
      }
      const word = token.text.split(/\s/, 1)[0]!
      if (word === 'end' || word === 'else') {
        if (!ends.includes(word)) throw fail(`unexpected {{${word}}}`)
        return { nodes, end: token.text }
      }
      if (word === 'if' || word === 'with' || word === 'range')
        nodes.push(this.#block(word, token.text.slice(word.length).trim()))
      else if (token.text === '') throw fail('missing value for command')
      else nodes.push({ kind: 'action', code: token.text })
    }
    if (ends.length > 0) throw fail('unexpected EOF')
    return { nodes, end: '' }
  }

  #block(kind: 'if' | 'with' | 'range', code: string): Node {
    const { end, nodes } = this.list(['end', 'else'])
    const chained = /^else\s+(if|with)\s+(.*)$/s.exec(end)
    if (chained) return { kind, code, body: nodes, otherwise: [this.#block(chained[1] as 'if' | 'with', chained[2]!)] }
    const otherwise = end === 'else' ? this.list(['end']).nodes : []
    return { kind, code, body: nodes, otherwise }
  }
}

const wordPattern = /"(?:[^"\\]|\\.)*"|`[^`]*`|'(?:[^'\\]|\\.)+'|\(|\)|\||:=|=|,|[^\s()|,]+/g

class Execution {
  readonly #root: unknown
  #variables: Map<string, unknown>
  #out = ''
  readonly #isHeading: boolean

  constructor(root: unknown, isHeading: boolean) {
    this.#isHeading = isHeading
    this.#root = root
    this.#variables = new Map([['$', root]])
  }

  run(nodes: readonly Node[]): string {
    this.#list(nodes, this.#root)
    return this.#out
  }

  #list(nodes: readonly Node[], dot: unknown): void {
    for (const node of nodes) {
      if (node.kind === 'text') this.#out += node.text
      else if (node.kind === 'action') this.#action(node.code, dot)
      else this.#scoped(() => this.#block(node, dot))
    }
  }

  #scoped(body: () => void): void {
    const outer = this.#variables
    this.#variables = new Map(outer)
    body()
    for (const name of outer.keys()) outer.set(name, this.#variables.get(name))
    this.#variables = outer
  }

  #action(code: string, dot: unknown): void {
    const assigned = /^(\$\w+)\s*:?=\s*(.*)$/s.exec(code)
    if (assigned) this.#variables.set(assigned[1]!, this.#pipeline(assigned[2]!, dot))
    else this.#out += printValue(this.#pipeline(code, dot))
  }

  #block({ body, code, kind, otherwise }: Exclude<Node, { kind: 'text' | 'action' }>, dot: unknown): void {
    const names = /^(\$\w+)(?:\s*,\s*(\$\w+))?\s*:=\s*(.*)$/s.exec(code)
    const value = this.#pipeline(names ? names[3]! : code, dot)
    if (kind === 'range') {
      this.#range(value, names, body, otherwise, dot)
      return
    }
    if (names) this.#variables.set(names[1]!, value)
    if (truthy(value)) this.#list(body, kind === 'with' ? value : dot)
    else this.#list(otherwise, dot)
  }

  #range(
    value: unknown,
    names: RegExpExecArray | null,
    body: readonly Node[],
    otherwise: readonly Node[],
    dot: unknown,
  ): void {
    const entries: readonly (readonly [unknown, unknown])[] = Array.isArray(value)
      ? value.map((item, at) => [at, item] as const)
      : Object.entries(value ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
    if (entries.length === 0) this.#list(otherwise, dot)
    for (const [key, item] of entries) {
      if (names?.[2]) {
        this.#variables.set(names[1]!, key)
        this.#variables.set(names[2], item)
      } else if (names) this.#variables.set(names[1]!, item)
      this.#list(body, item)
    }
  }

  #pipeline(code: string, dot: unknown): unknown {
    const words = code.match(wordPattern) ?? []
    const { value, next } = this.#commands(words, 0, dot)
    if (next < words.length) throw fail(`unexpected ${words[next]} in command`)
    return value
  }

  #commands(words: readonly string[], start: number, dot: unknown): { value: unknown; next: number } {
    let at = start
    let piped: readonly unknown[] = []
    for (;;) {
      const { next, value } = this.#command(words, at, dot, piped)
      at = next
      if (words[at] !== '|') return { value, next: at }
      at++
      piped = [value]
    }
  }

  #command(
    words: readonly string[],
    start: number,
    dot: unknown,
    piped: readonly unknown[],
  ): { value: unknown; next: number } {
    const head = words[start]
    if (head === undefined) throw fail('missing value for command')
    let at = start
    const operands: unknown[] = []
    const isFunction = /^[a-zA-Z_]\w*$/.test(head) && !['true', 'false', 'nil'].includes(head)
    if (isFunction) at++
    while (at < words.length && words[at] !== '|' && words[at] !== ')') {
      const method =
        at === start && /^\.\w+$/.test(head) ? (dot as Record<string, unknown>)?.[head.slice(1)] : undefined
      const { next, value } =
        typeof method === 'function' ? { next: at + 1, value: method } : this.#operand(words, at, dot)
      operands.push(value)
      at = next
    }
    if (isFunction) return { value: this.#call(head, [...operands, ...piped]), next: at }
    const [first, ...args] = operands
    return { value: typeof first === 'function' ? first(...args, ...piped) : first, next: at }
  }

  #call(name: string, args: readonly unknown[]): unknown {
    const isPlain = ['json', 'upper', 'lower', 'title', 'truncate', 'pad', 'split', 'join'].includes(name)
    if (!this.#isHeading || !isPlain) return callFunction(name, args, fail)
    return args.find(arg => typeof arg === 'string') ?? ''
  }

  #operand(words: readonly string[], at: number, dot: unknown): { value: unknown; next: number } {
    const word = words[at]!
    if (word === '(') {
      const { next, value } = this.#commands(words, at + 1, dot)
      const field = words[next + 1]
      if (field?.startsWith('.') && field.length > 1) return { value: this.#path(value, field, dot), next: next + 2 }
      return { value, next: next + 1 }
    }
    if (word.startsWith('"')) return { value: JSON.parse(word.replace(/\\'/g, "'")), next: at + 1 }
    if (word.startsWith('`')) return { value: word.slice(1, -1), next: at + 1 }
    if (word === 'true' || word === 'false') return { value: word === 'true', next: at + 1 }
    if (word === 'nil') return { value: null, next: at + 1 }
    if (/^-?\d/.test(word)) return { value: Number(word), next: at + 1 }
    if (word === '.') return { value: dot, next: at + 1 }
    if (word.startsWith('.')) return { value: this.#path(dot, word, dot), next: at + 1 }
    if (!word.startsWith('$')) return { value: callFunction(word, [], fail), next: at + 1 }
    const [name = '$', ...fields] = word.split('.')
    if (!this.#variables.has(name)) throw fail(`undefined variable "${name}"`)
    const value = this.#variables.get(name)
    return { value: fields.length ? this.#path(value, `.${fields.join('.')}`, dot) : value, next: at + 1 }
  }

  #path(value: unknown, path: string, _dot: unknown): unknown {
    let current = value
    for (const name of path.slice(1).split('.')) {
      if (current === null || current === undefined) return undefined
      if (typeof current !== 'object')
        throw new ExitError(
          1,
          `template: :1:2: executing "" at <${path}>: can't evaluate field ${name} in type ${typeof current}`,
        )
      if (!(name in current))
        throw new ExitError(1, `template: :1:2: executing "" at <${path}>: map has no entry for key "${name}"`)
      const found = (current as Record<string, unknown>)[name]
      current = typeof found === 'function' ? found() : found
    }
    return current
  }
}

export interface TemplateOptions {
  /** the data are headings: functions leave them alone */
  readonly isHeading?: boolean
}

/** A Go template, ready to be filled in. */
export function parseTemplate(source: string, { isHeading = false }: TemplateOptions = {}): (data: unknown) => string {
  const { nodes } = new TemplateParser(source).list([])
  return data => new Execution(data, isHeading).run(nodes)
}
