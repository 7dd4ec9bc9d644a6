import { parseDuration } from '../base/duration.ts'
import { EngineError } from '../base/errors.ts'
import { parseSignal } from '../base/signals.ts'
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

function durationOf(text: string): number {
  const nanos = parseDuration(text)
  if (nanos === undefined) throw new EngineError('invalid', `time: invalid duration ${JSON.stringify(text)}`)
  return Number(nanos)
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
    else if (key in keys) options[keys[key as keyof typeof keys]] = durationOf(value)
    else throw new EngineError('invalid', `unknown flag: --${key}`)
  }
  if (/^none$/i.test(text)) return { Test: ['NONE'] }
  const [type = '', test = ''] = text.split(/\s+(.*)/s)
  if (type.toUpperCase() !== 'CMD')
    throw new EngineError('invalid', `Unknown type ${JSON.stringify(type.toUpperCase())} in HEALTHCHECK (try CMD)`)
  if (!test) throw new EngineError('invalid', 'Missing command after HEALTHCHECK CMD')
  const isExec = test.startsWith('[')
  return { Test: isExec ? ['CMD', ...command(test)] : ['CMD-SHELL', test], ...options }
}

function portKey(port: string): string {
  const [range = ''] = port.split('/')
  if (!/^\d+(-\d+)?$/.test(range)) throw new EngineError('invalid', `Invalid containerPort: ${range}`)
  return port.includes('/') ? port : `${port}/tcp`
}

/** What is built on the image later runs `rest`; some things make no sense there. */
function trigger(rest: string): string {
  const name = rest.split(/\s/)[0]!.toUpperCase()
  if (name === 'ONBUILD') throw new EngineError('invalid', "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")
  if (name === 'FROM' || name === 'MAINTAINER')
    throw new EngineError('invalid', `${name} isn't allowed as an ONBUILD trigger`)
  return rest
}

function volumes(rest: string): Record<string, object> {
  const paths = listOf(rest)
  if (paths.length === 0) throw new EngineError('invalid', 'VOLUME requires at least one argument')
  return keysOf(paths)
}

function stopSignal(text: string): string {
  parseSignal(text)
  return text
}

const keysOf = (words: readonly string[]): Record<string, object> => Object.fromEntries(words.map(word => [word, {}]))

const changes: Readonly<Record<string, Change>> = {
  CMD: (config, rest) => ({ ...config, Cmd: rest ? command(rest) : null }),
  ENTRYPOINT: (config, rest) => ({ ...config, Entrypoint: rest ? command(rest) : null }),
  ENV: mergeEnv,
  EXPOSE: (config, rest) => ({
    ...config,
    ExposedPorts: { ...config.ExposedPorts, ...keysOf(splitWords(rest).map(portKey)) },
  }),
  HEALTHCHECK: (config, rest) => ({ ...config, Healthcheck: healthcheck(rest) ?? null }),
  LABEL: (config, rest) => ({ ...config, Labels: { ...config.Labels, ...Object.fromEntries(pairs(rest, 'LABEL')) } }),
  ONBUILD: (config, rest) => ({ ...config, OnBuild: [...(config.OnBuild ?? []), trigger(rest)] }),
  STOPSIGNAL: (config, rest) => ({ ...config, StopSignal: stopSignal(rest) }),
  USER: (config, rest) => ({ ...config, User: rest }),
  VOLUME: (config, rest) => ({ ...config, Volumes: { ...config.Volumes, ...volumes(rest) } }),
  WORKDIR: (config, rest) => ({
    ...config,
    WorkingDir: rest.startsWith('/') ? rest : `${(config.WorkingDir ?? '').replace(/\/$/, '')}/${rest}`,
  }),
}

const single = ['WORKDIR', 'USER', 'STOPSIGNAL']
const optional = ['CMD', 'ENTRYPOINT']

function applyChange(config: ExecutionConfig, name: string, rest: string): ExecutionConfig {
  const change = changes[name]
  if (!change) throw new EngineError('invalid', `${name} is not a valid change command`)
  if (!rest && !optional.includes(name)) {
    const count = single.includes(name) ? 'exactly' : 'at least'
    throw new EngineError('invalid', `${name} requires ${count} one argument`)
  }
  return change(config, rest)
}

/**
 * What `--change` of commit and import does: Dockerfile lines on a configuration.
 *
 * @throws EngineError `invalid` with Docker's text
 */
export function applyChanges(config: ExecutionConfig, lines: readonly string[]): ExecutionConfig {
  const instructions = lines.flatMap(line => line.split('\n')).filter(line => !/^\s*(#|$)/.test(line))
  if (lines.length > 0 && instructions.length === 0) throw new EngineError('invalid', 'file with no instructions')
  return instructions.reduce((current, line) => {
    const [, name = '', rest = ''] = /^\s*(\S+)\s*(.*?)\s*$/s.exec(line) ?? []
    return applyChange(current, name.toUpperCase(), rest)
  }, config)
}
