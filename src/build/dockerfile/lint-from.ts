import { EngineError } from '../../base/errors.ts'
import { parseReference } from '../../spec/reference.ts'
import { closest } from './closest.ts'
import { expand, type Scope } from './expand.ts'
import type { Dockerfile, Instruction } from './instruction.ts'
import type { LintRule, LintWarning } from './lint-rules.ts'

/** What FROM says with the arguments of this build, and with none but their defaults. */
export function lintFrom(file: Dockerfile, names: readonly string[], byDefault: Scope['get']): readonly LintWarning[] {
  const known = new Set(names)
  return file.stages.flatMap(({ from }) => {
    const [image = '', platform = ''] = [from.args[0], from.flags.get('platform')?.at(-1)]
    const unknown = [image, platform].flatMap(word => variablesIn(word).filter(name => !known.has(name)))
    return [
      ...(isImageName(image, { get: byDefault, escape: file.escape })
        ? []
        : [
            at(
              'InvalidDefaultArgInFrom',
              from,
              `Default value for ARG ${image} results in empty or invalid base image name`,
            ),
          ]),
      ...unknown.map(name =>
        at('UndefinedArgInFrom', from, `FROM argument '${name}' is not declared${didYouMean(name, names)}`),
      ),
    ]
  })
}

const at = (rule: LintRule, { line, endLine }: Instruction, detail: string): LintWarning => ({
  rule,
  detail,
  line,
  endLine,
})

export const variablesIn = (word: string): readonly string[] =>
  [...word.matchAll(/\$\{?(\w+)/g)].map(([, name]) => name!)

export function didYouMean(name: string, names: readonly string[]): string {
  const near = closest(name, names, 2)
  return near === undefined ? '' : ` (did you mean ${near}?)`
}

function isImageName(word: string, scope: Scope): boolean {
  try {
    parseReference(expand(word, scope))
    return true
  } catch (error) {
    if (error instanceof EngineError) return /^failed to process/.test(error.message) // said when it is built
    throw error
  }
}
