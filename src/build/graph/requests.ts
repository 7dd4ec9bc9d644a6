import { EngineError } from '../../base/errors.ts'
import type { Dockerfile } from '../dockerfile/instruction.ts'
import { type LintWarning, lintRules, lintUrl } from '../dockerfile/lint-rules.ts'
import type { FileText } from './source.ts'

/** What a client may ask a frontend for instead of a build. */
export type RequestName = 'frontend.lint' | 'frontend.targets' | 'frontend.outline' | 'frontend.subrequests.describe'

const names: ReadonlySet<string> = new Set([
  'frontend.lint',
  'frontend.targets',
  'frontend.outline',
  'frontend.subrequests.describe',
])

/** @throws EngineError for a request that there is not */
export function checkRequest(name: string): RequestName {
  if (!names.has(name)) throw new EngineError('not-implemented', `unsupported request ${name}`)
  return name as RequestName
}

export interface Answer {
  readonly json: unknown
  readonly text: string
  readonly statusCode?: number
}

const location = (line: number, endLine = line) => ({ ranges: [{ start: { line }, end: { line: endLine } }] })
const encoded = ({ text }: FileText) => Buffer.from(text).toString('base64')

export const toMetadata = ({ json, text, statusCode }: Answer): Readonly<Record<string, Uint8Array>> => ({
  'result.json': Buffer.from(JSON.stringify(json, null, 2)),
  'result.txt': Buffer.from(text),
  version: Buffer.from('1.0.0'),
  ...(statusCode === undefined ? {} : { 'result.statuscode': Buffer.from(String(statusCode)) }),
})

export function lintAnswer(
  warnings: readonly LintWarning[],
  file: FileText,
  failure?: { message: string; line: number; endLine: number },
): Answer {
  const found = warnings.map(({ rule, detail, line, endLine }) => ({
    ruleName: rule,
    description: lintRules[rule],
    url: lintUrl(rule),
    detail,
    location: location(line, endLine),
  }))
  const sources = [{ filename: file.fileName, language: 'Dockerfile', data: encoded(file) }]
  const error = failure && { message: failure.message, location: location(failure.line, failure.endLine) }
  return {
    json: { warnings: found, sources, ...(error && { buildError: error }) },
    text: found.map(({ ruleName, url, detail }) => `\nWARNING: ${ruleName} - ${url}\n${detail}\n`).join(''),
    statusCode: found.length || error ? 1 : 0,
  }
}

export function targetsAnswer({ stages }: Dockerfile, file: FileText): Answer {
  const targets = stages.map(({ name, from }, i) => ({
    ...(name === undefined ? {} : { name }),
    ...(i === stages.length - 1 ? { default: true } : {}),
    base: from.args[0],
    location: location(from.line, from.endLine),
  }))
  const rows = targets.map(({ name, default: isDefault }) =>
    [name, isDefault ? '(default)' : ''].filter(Boolean).join(' '),
  )
  return {
    json: { targets, sources: [encoded(file)] },
    text: ['TARGET    DESCRIPTION', ...rows.map(row => row.padEnd(10)), ''].join('\n'),
  }
}

export function outlineAnswer({ stages, globalArgs }: Dockerfile, file: FileText): Answer {
  const instructions = [...globalArgs, ...stages.flatMap(stage => stage.instructions)]
  const args = instructions
    .filter(({ name }) => name === 'ARG')
    .flatMap(({ pairs, line, endLine }) =>
      pairs.map(([name, value]) => ({
        name,
        ...(value === undefined ? {} : { value }),
        location: location(line, endLine),
      })),
    )
  const rows = args.map(({ name, value = '' }) => `${name.padEnd(12)}${value.padEnd(8)}`)
  return {
    json: { args, sources: [encoded(file)] },
    text: args.length ? ['BUILD ARG   VALUE   DESCRIPTION', ...rows, ''].join('\n') : '',
  }
}

export const describeAnswer = (): Answer => {
  const requests = ['outline', 'targets', 'lint'].map(name => ({
    name: `frontend.${name}`,
    version: '1.0.0',
    type: 'rpc',
    metadata: [{ name: 'result.json' }, { name: 'result.txt' }],
  }))
  return { json: requests, text: requests.map(({ name }) => name).join('\n') }
}
