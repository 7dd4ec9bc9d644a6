import type { Dockerfile, Instruction, Stage } from './instruction.ts'
import type { LintRule, LintWarning } from './lint-rules.ts'

type Found = readonly LintWarning[]
const at = (rule: LintRule, { line, endLine }: Pick<Instruction, 'line' | 'endLine'>, detail: string): LintWarning => ({
  rule,
  detail,
  line,
  endLine,
})

/** What the text of the whole file shows, stages that no build needs included. */
export function lint(file: Dockerfile): Found {
  const all = [...file.globalArgs, ...file.stages.flatMap(({ from, instructions }) => [from, ...instructions])]
  return [
    ...file.emptyLines.map(line => at('NoEmptyContinuation', { line, endLine: line }, 'Empty continuation line')),
    ...names(file.stages),
    ...all.flatMap(instruction => [...oldForms(instruction), ...described(instruction)]),
    ...casing(all),
    ...file.stages.flatMap(stage => platforms(stage)),
  ].sort((a, b) => a.line - b.line)
}

/** What the text of one stage shows, for those that are built or checked. */
export const lintStage = (stage: Stage): Found => [...stage.instructions.flatMap(careless), ...repeated(stage)]

function casing(all: readonly Instruction[]): Found {
  const words = all.map(instruction => [instruction, instruction.original.split(/\s/, 1)[0]!] as const)
  const lower = words.filter(([, word]) => word === word.toLowerCase()).length
  const upper = words.filter(([, word]) => word === word.toUpperCase()).length
  const isLower = lower > upper
  return words
    .filter(([, word]) => word !== (isLower ? word.toLowerCase() : word.toUpperCase()))
    .map(([instruction, word]) =>
      at(
        'ConsistentInstructionCasing',
        instruction,
        `Command '${word}' should match the case of the command majority (${isLower ? 'lowercase' : 'uppercase'})`,
      ),
    )
}

function names(stages: readonly Stage[]): Found {
  const seen = new Set<string>()
  return stages.flatMap(({ from, name }) => {
    if (name === undefined) return []
    const written = from.args[2]!
    const found: LintWarning[] = []
    if (written !== written.toLowerCase())
      found.push(at('StageNameCasing', from, `Stage name '${written}' should be lowercase`))
    const [keyword, as] = [from.original.split(/\s/, 1)[0]!, from.args[1]!]
    const isLower = keyword === keyword.toLowerCase()
    if (as !== (isLower ? as.toLowerCase() : as.toUpperCase()))
      found.push(at('FromAsCasing', from, `'${as}' and '${keyword}' keywords' casing do not match`))
    if (name === 'scratch' || name === 'context')
      found.push(
        at(
          'ReservedStageName',
          from,
          `Stage name should not use the same name as reserved stage ${JSON.stringify(name)}`,
        ),
      )
    if (seen.has(name))
      found.push(
        at('DuplicateStageName', from, `Duplicate stage name ${JSON.stringify(name)}, stage names should be unique`),
      )
    seen.add(name)
    return found
  })
}

function platforms({ from, name }: Stage): Found {
  const platform = from.flags.get('platform')?.at(-1)
  if (platform === undefined) return []
  if (/^\$(TARGETPLATFORM|\{TARGETPLATFORM\})$/.test(platform))
    return [
      at(
        'RedundantTargetPlatform',
        from,
        `Setting platform to predefined ${platform} in FROM is redundant as this is the default behavior`,
      ),
    ]
  // a name that tells the platform means it
  const [os = '', architecture = ''] = platform.split('/')
  const isNamed = name !== undefined && [os, architecture].some(part => part !== '' && name.includes(part))
  if (platform.includes('$') || isNamed || platform.split('/').length > 3) return []
  return [
    at(
      'FromPlatformFlagConstDisallowed',
      from,
      `FROM --platform flag should not use constant value ${JSON.stringify(platform)}`,
    ),
  ]
}

/** All but the last of what only counts once. */
function repeated({ instructions }: Stage): Found {
  return ['CMD', 'ENTRYPOINT', 'HEALTHCHECK'].flatMap(name =>
    instructions
      .filter(instruction => instruction.name === name)
      .slice(0, -1)
      .map(instruction =>
        at(
          'MultipleInstructionsDisallowed',
          instruction,
          `Multiple ${name} instructions should not be used in the same stage because only the last one will be used`,
        ),
      ),
  )
}

const secretName = /(?:_|^)(?:apikey|auth|credential|credentials|key|password|pword|passwd|secret|token)(?:_|$)/i
const publicName = /(?:_|^)public(?:_|$)/i

function oldForms(instruction: Instruction): Found {
  const { name, original } = instruction
  if (name === 'MAINTAINER')
    return [at('MaintainerDeprecated', instruction, 'Maintainer instruction is deprecated in favor of using label')]
  const isLegacy = /^\S+\s+[^\s="']+\s/.test(`${original} `) && !/^\S+\s+[^\s]*=/.test(original)
  if ((name !== 'ENV' && name !== 'LABEL') || !isLegacy) return []
  const detail = `"${name} key=value" should be used instead of legacy "${name} key value" format`
  return [at('LegacyKeyValueFormat', instruction, detail)]
}

/** The comment right before an argument or a named stage is its description. */
function described(instruction: Instruction): Found {
  const { name, pairs, args, comments } = instruction
  const keys = name === 'ARG' ? pairs.map(([key]) => key) : name === 'FROM' && args[2] ? [args[2].toLowerCase()] : []
  const [word] = comments.at(-1)?.split(' ', 1) ?? []
  if (word === undefined || keys.length === 0 || keys.includes(word)) return []
  const shown = keys.length > 1 ? '<arg_key>' : keys[0]
  const detail = `Comment for ${name} should follow the format: \`# ${shown} <description>\``
  return [at('InvalidDefinitionDescription', instruction, detail)]
}

function careless(instruction: Instruction): Found {
  const { name, pairs, args } = instruction
  if (name === 'EXPOSE') return args.flatMap(port => exposed(instruction, port))
  if (name !== 'ENV' && name !== 'ARG') return []
  const secrets = pairs.filter(([key]) => secretName.test(key) && !publicName.test(key))
  return secrets.map(([key]) =>
    at(
      'SecretsUsedInArgOrEnv',
      instruction,
      `Do not use ARG or ENV instructions for sensitive data (${name} ${JSON.stringify(key)})`,
    ),
  )
}

function exposed(instruction: Instruction, port: string): Found {
  const [range = '', protocol = ''] = port.split('/')
  if (range.includes(':'))
    return [
      at(
        'ExposeInvalidFormat',
        instruction,
        `EXPOSE instruction should not define an IP address or host-port mapping, found '${port}'`,
      ),
    ]
  if (protocol === protocol.toLowerCase()) return []
  return [at('ExposeProtoCasing', instruction, `Defined protocol '${port}' in EXPOSE instruction should be lowercase`)]
}
