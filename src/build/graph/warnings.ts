import { posix } from 'node:path'
import { parseIgnore } from '../../archive/ignore.ts'
import { EngineError } from '../../base/errors.ts'
import type { Dockerfile } from '../dockerfile/instruction.ts'
import { holds, type LintSettings, type LintWarning, lintRules, lintUrl, parseCheck } from '../dockerfile/lint-rules.ts'
import type { Request } from './job.ts'
import type { GraphOptions } from './options.ts'
import { excerpt, type FileText } from './source.ts'
import type { PlannedStage } from './stages.ts'

/** @throws EngineError when the file wants its warnings to be errors */
export function reportWarnings(
  { progress, options, warningStep }: Request,
  file: Dockerfile,
  text: FileText,
  all: readonly LintWarning[],
): void {
  const found = wantedWarnings(file, options, all)
  const step = warningStep ?? progress.step('[internal] check')
  for (const { rule, detail, line, endLine } of found) {
    const source = excerpt(text, { line, endLine })
    step.warn(`${rule}: ${detail} (line ${line})`, [lintRules[rule]], lintUrl(rule), source)
  }
  if (found.length > 0 && checkSettings(file, options).error) throw violation(found)
}

export const checkSettings = ({ directives }: Dockerfile, { buildArgs }: GraphOptions): LintSettings =>
  parseCheck(buildArgs?.BUILDKIT_DOCKERFILE_CHECK ?? directives.check)

/** @throws EngineError `invalid` for settings that mean nothing */
export function wantedWarnings(file: Dockerfile, options: GraphOptions, all: readonly LintWarning[]) {
  const settings = checkSettings(file, options)
  const seen = new Set<string>()
  return all
    .filter(warning => {
      const key = JSON.stringify(warning)
      const isNew = !seen.has(key)
      seen.add(key)
      return isNew && holds(settings, warning.rule)
    })
    .sort((a, b) => a.line - b.line)
}

export const violation = (found: readonly LintWarning[]): EngineError =>
  new EngineError(
    'invalid',
    `lint violation found for rules: ${[...new Set(found.map(({ rule }) => rule))].join(', ')}`,
  )

/** Files that steps would copy, but that the client does not send. */
export function ignoredCopies(stages: readonly PlannedStage[], rules: readonly string[]): readonly LintWarning[] {
  if (rules.length === 0) return []
  const isIgnored = parseIgnore(rules.join('\n'))
  return stages
    .flatMap(({ steps }) => steps)
    .filter(({ instruction }) => instruction.name === 'COPY' || instruction.name === 'ADD')
    .flatMap(({ instruction, step }) =>
      (step.reads ?? [])
        .flatMap(({ from, paths }) => (from === undefined ? paths : []))
        .filter(path => posix.normalize(path) !== '.' && isIgnored(posix.join('.', path)))
        .map(path => {
          const what = `${instruction.name === 'ADD' ? 'Add' : 'Copy'} file ${JSON.stringify(path)}`
          const detail = `Attempting to ${what} that is excluded by .dockerignore`
          return { rule: 'CopyIgnoredFile' as const, detail, line: instruction.line, endLine: instruction.endLine }
        }),
    )
}
