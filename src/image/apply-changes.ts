import { parseDuration } from '../base/duration.ts'
import { EngineError } from '../base/errors.ts'
import type { ExecutionConfig } from '../spec/oci-image.ts'

type Change = (config: ExecutionConfig, rest: string) => ExecutionConfig

/** Words as a Dockerfile has them: quotes and backslashes as in a shell, without expansion. */
export function splitWords(text: string): string[] {
  const words: string[] = []
  for (const [word] of text.matchAll(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/g))
    words.push(
      word.replace(
        /\\(.)|"((?:[^"\\]|\\.)*)"|'([^']*)'/g,
        (_, escaped, double, single) => escaped ?? single ?? double.replace(/\\(["\\$])/g, '$1'),
      ),
    )
  return words
}

function command(rest: string): string[] {
  if (rest.startsWith('[')) {
    try {
      const parsed = JSON.parse(rest)
      if (Array.isArray(parsed) && parsed.every(each => typeof each === 'string')) return parsed
    } catch {}
  }
  return ['/bin/sh', '-c', rest]
}

const listOf = (rest: string): string[] => (rest.startsWith('[') ? command(rest) : splitWords(rest))

function pairs(rest: string, name: string): [string, string][] {
  const words = splitWords(rest)
  if (words.length > 0 && !words[0]!.includes('=')) {
    const [, key, value] = /^(\S+)\s+(.*)$/s.exec(rest) ?? []
    if (key === undefined) throw new EngineError('invalid', `${name} must have two arguments`)
    return [[key, value!]]
  }
  return words.map(word => {
    const at = word.indexOf('=')
    if (at <= 0)
      throw new EngineError(
        'invalid',
        `Syntax error - can't find = in ${JSON.stringify(word)}. Must be of the form: name=value`,
      )
    return [word.slice(0, at), word.slice(at + 1)]
  })
}

function mergeEnv(config: ExecutionConfig, rest: string): ExecutionConfig {
  const env = [...(config.Env ?? [])]
  for (const [key, value] of pairs(rest, 'ENV')) {
    const at = env.findIndex(each => each.startsWith(`${key}=`))
    if (at >= 0) env[at] = `${key}=${value}`
    else env.push(`${key}=${value}`)
  }
  return { ...config, Env: env }
}

function healthcheck(rest: string): ExecutionConfig['Healthcheck'] {
  const keys = {
    interval: 'Interval',
    timeout: 'Timeout',
    'start-period': 'StartPeriod',
    'start-interval': 'StartInterval',
  } as const
  const options: Record<string, number> = {}
  let text = rest
  for (
    let match: RegExpExecArray | null;
    (match = /^--([a-z-]+)=(\S+)\s*/.exec(text));
    text = text.slice(match[0].length)
  ) {
    const [, key = '', value = ''] = match
    if (key === 'retries') options.Retries = Number(value)
    else if (key in keys) options[keys[key as keyof typeof keys]] = parseDuration(value) ?? 0
    else throw new EngineError('invalid', `unknown flag: --${key}`)
  }
  if (/^none$/i.test(text)) return { Test: ['NONE'] }
  const [, test = ''] = /^CMD\s+(.*)$/is.exec(text) ?? []
  if (!test)
    throw new EngineError('invalid', `Unknown type ${JSON.stringify(text.split(/\s/)[0])} in HEALTHCHECK (try CMD)`)
  const isExec = test.startsWith('[')
  return { Test: isExec ? ['CMD', ...command(test)] : ['CMD-SHELL', test], ...options }
}

const portKey = (port: string): string => (port.includes('/') ? port : `${port}/tcp`)
const keysOf = (words: readonly string[]): Record<string, object> => Object.fromEntries(words.map(word => [word, {}]))

const changes: Readonly<Record<string, Change>> = {
  CMD: (config, rest) => ({ ...config, Cmd: command(rest) }),
  ENTRYPOINT: (config, rest) => ({ ...config, Entrypoint: command(rest) }),
  ENV: mergeEnv,
  EXPOSE: (config, rest) => ({
    ...config,
    ExposedPorts: { ...config.ExposedPorts, ...keysOf(splitWords(rest).map(portKey)) },
  }),
  HEALTHCHECK: (config, rest) => ({ ...config, Healthcheck: healthcheck(rest) ?? null }),
  LABEL: (config, rest) => ({ ...config, Labels: { ...config.Labels, ...Object.fromEntries(pairs(rest, 'LABEL')) } }),
  ONBUILD: (config, rest) => ({ ...config, OnBuild: [...(config.OnBuild ?? []), rest] }),
  STOPSIGNAL: (config, rest) => ({ ...config, StopSignal: rest }),
  USER: (config, rest) => ({ ...config, User: rest }),
  VOLUME: (config, rest) => ({ ...config, Volumes: { ...config.Volumes, ...keysOf(listOf(rest)) } }),
  WORKDIR: (config, rest) => ({
    ...config,
    WorkingDir: rest.startsWith('/') ? rest : `${(config.WorkingDir ?? '').replace(/\/$/, '')}/${rest}`,
  }),
}

/**
 * What `--change` of commit and import does: Dockerfile lines on a configuration.
 *
 * @throws EngineError `invalid` with Docker's text
 */
export function applyChanges(config: ExecutionConfig, lines: readonly string[]): ExecutionConfig {
  return lines
    .flatMap(line => line.split('\n'))
    .filter(line => line.trim() !== '')
    .reduce((current, line) => {
      const [, name = '', rest = ''] = /^\s*(\S+)\s*(.*?)\s*$/s.exec(line) ?? []
      const change = changes[name.toUpperCase()]
      if (!change) throw new EngineError('invalid', `${name} is not a valid change command`)
      if (!rest) throw new EngineError('invalid', `${name.toUpperCase()} requires at least one argument`)
      return change(current, rest)
    }, config)
}
