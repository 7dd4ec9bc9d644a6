import { EngineError } from '../../base/errors.ts'

/** Names of the checks as `# check=skip=` and people know them, with what they are about. */
export const lintRules = {
  StageNameCasing: 'Stage names should be lowercase',
  FromAsCasing: "The 'as' keyword should match the case of the 'from' keyword",
  NoEmptyContinuation: 'Empty continuation lines will become errors in a future release',
  ConsistentInstructionCasing: 'All commands within the Dockerfile should use the same casing (either upper or lower)',
  DuplicateStageName: 'Stage names should be unique',
  ReservedStageName: 'Reserved words should not be used as stage names',
  JSONArgsRecommended:
    'JSON arguments recommended for ENTRYPOINT/CMD to prevent unintended behavior related to OS signals',
  MaintainerDeprecated: 'The MAINTAINER instruction is deprecated, use a label instead to define an image author',
  UndefinedArgInFrom: 'FROM command must use declared ARGs',
  WorkdirRelativePath:
    'Relative workdir without an absolute workdir declared within the build can have unexpected results if the base image changes',
  UndefinedVar: 'Variables should be defined before their use',
  MultipleInstructionsDisallowed: 'Multiple instructions of the same type should not be used in the same stage',
  LegacyKeyValueFormat: 'Legacy key/value format with whitespace separator should not be used',
  RedundantTargetPlatform:
    'Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior',
  SecretsUsedInArgOrEnv: 'Sensitive data should not be used in the ARG or ENV commands',
  InvalidDefaultArgInFrom: 'Default value for global ARG results in an empty or invalid base image name',
  FromPlatformFlagConstDisallowed: 'FROM --platform flag should not use a constant value',
  CopyIgnoredFile: 'Attempting to Copy file that is excluded by .dockerignore',
  InvalidDefinitionDescription:
    'Comment for build stage or argument should follow the format: `# <arg/stage name> <description>`. If this is not intended to be a description comment, add an empty line or comment between the instruction and the comment.',
  ExposeProtoCasing: 'Protocol in EXPOSE instruction should be lowercase',
  ExposeInvalidFormat:
    'IP address and host-port mapping should not be used in EXPOSE instruction. This will become an error in a future release',
} as const

export type LintRule = keyof typeof lintRules

/** Rules that hold only where a file asks for them. */
const experimentalRules: ReadonlySet<LintRule> = new Set(['CopyIgnoredFile', 'InvalidDefinitionDescription'])

/** One thing that a check found. */
export interface LintWarning {
  readonly rule: LintRule
  readonly detail: string
  readonly line: number
  readonly endLine: number
}

export const lintUrl = (rule: LintRule): string =>
  `https://docs.docker.com/go/dockerfile/rule/${rule
    .replace(/JSONArgs/, 'JsonArgs')
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase()}/`

/** What `# check=` asks for: which checks are left out, and whether what is found fails the build. */
export interface LintSettings {
  readonly skipAll: boolean
  readonly skip: ReadonlySet<string>
  /** experimental rules that hold */
  readonly experimental: ReadonlySet<string>
  readonly error: boolean
}

/** @throws EngineError `invalid` for an option that there is not */
export function parseCheck(text = ''): LintSettings {
  const fields = new Map<string, string>()
  for (const field of text.split(';').filter(each => each.trim() !== '')) {
    const [key = '', value] = field.split('=').map(part => part.trim())
    if (value === undefined) throw bad(`invalid check option ${JSON.stringify(field.trim())}`)
    if (!['skip', 'experimental', 'error'].includes(key)) throw bad(`invalid check option ${JSON.stringify(key)}`)
    fields.set(key, value)
  }
  const list = (key: string) => new Set((fields.get(key) ?? '').split(',').map(name => name.trim()))
  const error = fields.get('error') ?? 'false'
  if (!/^(1|0|t|f|true|false)$/i.test(error))
    throw bad(
      `failed to parse check option "error": strconv.ParseBool: parsing ${JSON.stringify(error)}: invalid syntax`,
    )
  const skip = list('skip')
  return { skipAll: skip.has('all'), skip, experimental: list('experimental'), error: /^(1|t|true)$/i.test(error) }
}

const bad = (text: string) => new EngineError('invalid', `failed to parse check options: ${text}`)

/** Whether a rule holds under these settings. */
export function holds({ skip, skipAll, experimental }: LintSettings, rule: LintRule): boolean {
  if (experimentalRules.has(rule) && !experimental.has(rule) && !experimental.has('all')) return false
  return !skipAll && !skip.has(rule)
}
