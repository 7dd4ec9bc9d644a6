import { EngineError } from '../../base/errors.ts'
import type { Dockerfile } from '../dockerfile/instruction.ts'
import { type LintWarning, lintRules, lintUrl, parseCheck } from '../dockerfile/lint-rules.ts'
import type { Request } from './job.ts'
import type { GraphOptions } from './options.ts'
import { excerpt, type FileText } from './source.ts'

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
  if (found.length > 0 && checkSettings(file, options).error)
    throw new EngineError(
      'invalid',
      `lint violation found for rules: ${[...new Set(found.map(({ rule }) => rule))].join(', ')}`,
    )
}

const checkSettings = ({ directives }: Dockerfile, { buildArgs }: GraphOptions) =>
  parseCheck(buildArgs?.BUILDKIT_DOCKERFILE_CHECK ?? directives.check)

export function wantedWarnings(file: Dockerfile, options: GraphOptions, all: readonly LintWarning[]) {
  const { skip, skipAll } = checkSettings(file, options)
  const seen = new Set<string>()
  return all
    .filter(warning => {
      const key = JSON.stringify(warning)
      const isNew = !seen.has(key)
      seen.add(key)
      return isNew && !skipAll && !skip.has(warning.rule)
    })
    .sort((a, b) => a.line - b.line)
}
