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
  FromPlatformFlagConstDisallowed: 'FROM --platform flag should not use a constant value',
  ExposeProtoCasing: 'Protocol in EXPOSE instruction should be lowercase',
  ExposeInvalidFormat:
    'IP address and host-port mapping should not be used in EXPOSE instruction. This will become an error in a future release',
} as const

export type LintRule = keyof typeof lintRules

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
  readonly error: boolean
}

export function parseCheck(text = ''): LintSettings {
  const fields = new Map(
    text
      .split(';')
      .map(field => field.trim().split('='))
      .map(([key = '', value = '']) => [key.trim(), value.trim()] as const),
  )
  const skip = (fields.get('skip') ?? '').split(',').map(name => name.trim())
  return { skipAll: skip.includes('all'), skip: new Set(skip), error: /^(true|1)$/i.test(fields.get('error') ?? '') }
}
