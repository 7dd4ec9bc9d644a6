import { EngineError } from '../../base/errors.ts'
import { SolveError } from '../../spec/engine-api/solve-error.ts'
import type { Dockerfile, Instruction } from '../dockerfile/instruction.ts'
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

export const location = (line: number, endLine = line) => ({ ranges: [{ start: { line }, end: { line: endLine } }] })
export const encoded = ({ text }: FileText) => Buffer.from(text).toString('base64')

export const toMetadata = ({ json, text, statusCode }: Answer): Readonly<Record<string, Uint8Array>> => ({
  'result.json': Buffer.from(JSON.stringify(json, null, 2)),
  'result.txt': Buffer.from(text),
  version: Buffer.from('1.0.0'),
  ...(statusCode === undefined ? {} : { 'result.statuscode': Buffer.from(String(statusCode)) }),
})

export function lintAnswer(warnings: readonly LintWarning[], file: FileText, failure?: EngineError): Answer {
  const found = warnings.map(({ rule, detail, line, endLine }) => ({
    ruleName: rule,
    description: lintRules[rule],
    url: lintUrl(rule),
    detail,
    location: location(line, endLine),
  }))
  const sources = [{ filename: file.fileName, language: 'Dockerfile', data: encoded(file) }]
  const range = failure instanceof SolveError ? failure.source?.ranges[0] : undefined
  const error = failure && { message: failure.message, location: range ? location(range.start, range.end) : {} }
  return {
    json: { warnings: found, sources, ...(error && { buildError: error }) },
    text: found.map(({ ruleName, url, detail }) => `\nWARNING: ${ruleName} - ${url}\n${detail}\n`).join(''),
    statusCode: found.length || error ? 1 : 0,
  }
}

/** What the comment right before an instruction says of a name. */
export function commentOn({ comments }: Instruction, name: string | undefined): string | undefined {
  const line = name === undefined ? undefined : comments.find(each => each.startsWith(`${name} `))
  return line?.slice(name!.length + 1)
}

export function targetsAnswer({ stages }: Dockerfile, file: FileText): Answer {
  const targets = stages.map(({ name, from }, i) => {
    const description = commentOn(from, name)
    return {
      ...(name === undefined ? {} : { name }),
      ...(i === stages.length - 1 ? { default: true } : {}),
      ...(description === undefined ? {} : { description }),
      base: from.args[0],
      location: location(from.line, from.endLine),
    }
  })
  const rows = targets.map(
    ({ name, default: isDefault, description = '' }) =>
      `${[name, isDefault ? '(default)' : ''].filter(Boolean).join(' ').padEnd(10)}${description}`,
  )
  return {
    json: { targets, sources: [encoded(file)] },
    text: ['TARGET    DESCRIPTION', ...rows, ''].join('\n'),
  }
}

const described = [
  ['outline', 'List all parameters current build target supports'],
  ['targets', 'List all targets current build supports'],
  ['subrequests.describe', 'List available subrequest types'],
] as const

export const describeAnswer = (): Answer => {
  const requests = described.map(([name, description]) => ({
    name: `frontend.${name}`,
    version: '1.0.0',
    type: 'rpc',
    description,
    opts: name === 'outline' ? [{ name: 'target', description: 'Target build stage' }] : [],
    inputs: null,
    metadata: [
      { name: 'result.json', description: '' },
      { name: 'result.txt', description: '' },
    ],
    refs: null,
  }))
  return { json: requests, text: requests.map(({ name }) => name).join('\n') }
}
