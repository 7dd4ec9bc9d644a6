import { EngineError } from '../../base/errors.ts'
import { closest } from './closest.ts'
import { TextError } from './error.ts'
import type { Instruction, InstructionName } from './instruction.ts'
import type { LogicalLine } from './logical-lines.ts'

type Shape = 'words' | 'text' | 'command' | 'list' | 'pairs' | 'names'

interface Rule {
  readonly shape: Shape
  readonly flags: readonly string[]
}

const rule = (shape: Shape, ...flags: readonly string[]): Rule => ({ shape, flags })
const rules: Readonly<Record<InstructionName, Rule>> = {
  ADD: rule('list', 'chown', 'chmod', 'link', 'keep-git-dir', 'checksum', 'exclude', 'unpack'),
  ARG: rule('names'),
  CMD: rule('command'),
  COPY: rule('list', 'chown', 'chmod', 'from', 'link', 'parents', 'exclude'),
  ENTRYPOINT: rule('command'),
  ENV: rule('pairs'),
  EXPOSE: rule('words'),
  FROM: rule('words', 'platform'),
  HEALTHCHECK: rule('text', 'interval', 'timeout', 'start-period', 'start-interval', 'retries'),
  LABEL: rule('pairs'),
  MAINTAINER: rule('text'),
  ONBUILD: rule('text'),
  RUN: rule('command', 'mount', 'network', 'security', 'device'),
  SHELL: rule('command'),
  STOPSIGNAL: rule('text'),
  USER: rule('text'),
  VOLUME: rule('list'),
  WORKDIR: rule('text'),
}
const switches = new Set(['link', 'parents', 'keep-git-dir', 'unpack'])

const isName = (name: string): name is InstructionName => Object.hasOwn(rules, name)
const bad = (text: string) => new EngineError('invalid', text)

/** @throws EngineError `invalid`, without the line's number */
export function parseInstruction({ text, line, endLine = line, heredocs, comments = [] }: LogicalLine): Instruction {
  const [, word = '', tail = ''] = /^(\S+)\s*(.*)$/s.exec(text) ?? []
  const name = word.toUpperCase()
  if (!isName(name)) throw bad(`unknown instruction: ${word}${suggest(name)}`)
  const { shape, flags: known } = rules[name]
  const { flags, rest } = name === 'ONBUILD' ? { flags: new Map(), rest: tail } : takeFlags(tail, known)
  const parsed = shapes[shape](rest.trim(), name)
  const instruction = {
    name,
    line,
    endLine,
    original: text,
    flags,
    heredocs,
    comments,
    pairs: [],
    isJson: false,
    args: [],
    ...parsed,
  }
  checkCount(instruction)
  return instruction
}

function takeFlags(text: string, known: readonly string[]) {
  const flags = new Map<string, readonly string[]>()
  let rest = text
  for (;;) {
    const [all, flag] = /^--((?:[^\s"'\\]|\\.|"[^"]*"|'[^']*')*)\s*/s.exec(rest) ?? []
    if (all === undefined || flag === undefined) return { flags, rest }
    rest = rest.slice(all.length)
    if (flag === '') return { flags, rest }
    const [, key = '', value] = /^([^=]*)(?:=(.*))?$/s.exec(flag) ?? []
    if (!known.includes(key)) throw bad(`unknown flag: --${key}`)
    if (value === undefined && !switches.has(key)) throw bad(`missing a value on flag: --${key}`)
    const text = (value ?? 'true').replace(/"([^"]*)"|'([^']*)'/g, (_, double, single) => double ?? single)
    flags.set(key, [...(flags.get(key) ?? []), text])
  }
}

type Parsed = Partial<Pick<Instruction, 'args' | 'pairs' | 'isJson'>>

const splitBlank = (text: string): readonly string[] => (text === '' ? [] : text.split(/\s+/))

/** Words with their quotes, split at blanks outside of them. */
export const quotedWords = (text: string): readonly string[] =>
  [...text.matchAll(/(?:[^\s"'\\]|\\.|\\$|"(?:[^"\\]|\\.)*"?|'[^']*'?)+/gs)].map(([word]) => word)

function jsonList(text: string): readonly string[] | undefined {
  if (!text.startsWith('[')) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!Array.isArray(value)) return undefined
  if (!value.every(each => typeof each === 'string'))
    throw new TextError('when using JSON array syntax, arrays must be comprised of strings only')
  return value
}

const withJson = (text: string, otherwise: (text: string) => readonly string[]): Parsed => {
  const list = jsonList(text)
  return list ? { args: list, isJson: true } : { args: otherwise(text) }
}

const shapes: Readonly<Record<Shape, (text: string, name: string) => Parsed>> = {
  words: text => ({ args: splitBlank(text) }),
  text: text => ({ args: text === '' ? [] : [text] }),
  command: text => withJson(text, whole => (whole === '' ? [] : [whole])),
  list: text => withJson(text, splitBlank),
  pairs: (text, name) => ({ pairs: parsePairs(text, name) }),
  names: text => ({
    pairs: quotedWords(text).map(word => {
      const at = word.indexOf('=')
      return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)]
    }),
  }),
}

function parsePairs(text: string, name: string): readonly (readonly [string, string])[] {
  const words = quotedWords(text)
  if (words.length > 0 && !words[0]!.includes('=')) {
    const [, key, value] = /^(\S+)\s+(.*)$/s.exec(text) ?? []
    if (key === undefined || value === undefined) throw new TextError(`${name} must have two arguments`)
    return [[key, value]]
  }
  return words.map(word => {
    const at = word.indexOf('=')
    if (at < 0)
      throw new TextError(`Syntax error - can't find = in ${JSON.stringify(word)}. Must be of the form: name=value`)
    return [word.slice(0, at), word.slice(at + 1)]
  })
}

const exactlyOne = new Set<string>(['MAINTAINER', 'STOPSIGNAL', 'USER', 'WORKDIR'])
const atLeastOne = new Set<string>(['ARG', 'ENV', 'EXPOSE', 'HEALTHCHECK', 'LABEL', 'ONBUILD', 'SHELL', 'VOLUME'])

function checkCount({ name, args, pairs, isJson }: Instruction): void {
  const count = args.length + pairs.length
  if (name === 'COPY' || name === 'ADD') {
    if (count < 2)
      throw bad(
        `${name} requires at least two arguments, but only one was provided. Destination could not be determined`,
      )
  }
  if (name === 'SHELL' && !isJson) throw bad('SHELL requires the arguments to be in JSON form')
  if (count === 0 && exactlyOne.has(name)) throw bad(`${name} requires exactly one argument`)
  if (count === 0 && atLeastOne.has(name)) throw bad(`${name} requires at least one argument`)
  if (pairs.some(([key]) => key === '')) throw bad(`${name} names can not be blank`)
}

function suggest(word: string): string {
  const near = closest(word, Object.keys(rules), 2)
  return near ? ` (did you mean ${near}?)` : ''
}
