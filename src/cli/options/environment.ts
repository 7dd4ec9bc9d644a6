import { readFileSync } from 'node:fs'
import { hasCode } from '../../base/errors.ts'
import { ExitError } from '../errors.ts'
import { cut } from './csv.ts'

/** A file's text; what Go would say when it cannot be read. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const why = hasCode(error, 'ENOENT')
      ? 'no such file or directory'
      : hasCode(error, 'EISDIR')
        ? 'is a directory'
        : hasCode(error, 'EACCES')
          ? 'permission denied'
          : String(error)
    throw new ExitError(125, `${hasCode(error, 'EISDIR') ? 'read' : 'open'} ${path}: ${why}`)
  }
}

type Fill = (name: string) => string | undefined

/** Lines of `KEY=value` and bare `KEY`, which `fill` may complete or leave out. */
export function readPairs(path: string, kind: string, fill: Fill): readonly string[] {
  const lines = readText(path)
    .replace(/^\ufeff/, '')
    .split('\n')
  return lines.flatMap(raw => {
    const line = raw.replace(/\r$/, '').trimStart()
    if (line === '' || line.startsWith('#')) return []
    const [name, value] = cut(line)
    if (/\s/.test(name.trimEnd()) || name !== name.trimEnd())
      throw new ExitError(125, `invalid ${kind} file: variable '${name}' contains whitespaces`)
    if (name === '') throw new ExitError(125, `invalid ${kind} file: no variable name on line '${line}'`)
    if (value !== undefined) return [line]
    const filled = fill(name)
    return filled === undefined ? [] : [filled]
  })
}

/** `A=1`, or `A` taken from our own environment when it is there. */
export const envEntry = (word: string, env: NodeJS.ProcessEnv): string =>
  word.includes('=') || env[word] === undefined ? word : `${word}=${env[word]}`

/** The environment that files and words ask for. */
export const readEnvironment = (
  files: readonly string[],
  words: readonly string[],
  env: NodeJS.ProcessEnv,
): readonly string[] => [
  ...files.flatMap(path =>
    readPairs(path, 'env', name => (env[name] === undefined ? undefined : `${name}=${env[name]}`)),
  ),
  ...words.map(word => envEntry(word, env)),
]

/** Proxy settings of `config.json` as variables, in both spellings, unless they are set already. */
export function proxyVariables(
  proxies: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined,
  host: string,
  given: readonly string[],
): readonly string[] {
  const found = proxies?.[host] ?? proxies?.default
  if (!found) return []
  const names = {
    httpProxy: 'HTTP_PROXY',
    httpsProxy: 'HTTPS_PROXY',
    noProxy: 'NO_PROXY',
    ftpProxy: 'FTP_PROXY',
    allProxy: 'ALL_PROXY',
  }
  const taken = new Set(given.map(word => cut(word)[0]))
  return Object.entries(names)
    .filter(([key, name]) => found[key] && !taken.has(name) && !taken.has(name.toLowerCase()))
    .flatMap(([key, name]) => [`${name}=${found[key]}`, `${name.toLowerCase()}=${found[key]}`])
}
