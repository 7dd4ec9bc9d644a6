import type { Dockerfile, Instruction, Stage } from './instruction.ts'
import type { LintRule, LintWarning } from './lint-rules.ts'

type Found = readonly LintWarning[]
const at = (rule: LintRule, { line, endLine }: Pick<Instruction, 'line' | 'endLine'>, detail: string): LintWarning => ({
  rule,
  detail,
  line,
  endLine,
})

/** Everything that the text alone shows; what depends on variables and base images is found while stages are planned. */
export function lint(file: Dockerfile): Found {
  const all = [...file.globalArgs, ...file.stages.flatMap(({ from, instructions }) => [from, ...instructions])]
  return [
    ...file.emptyLines.map(line => at('NoEmptyContinuation', { line, endLine: line }, 'Empty continuation line')),
    ...names(file.stages),
    ...all.flatMap(instruction => single(instruction)),
    ...casing(all),
    ...file.stages.flatMap(stage => [...platforms(stage), ...repeated(stage)]),
    ...undeclared(file),
  ].sort((a, b) => a.line - b.line)
}

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

function platforms({ from }: Stage): Found {
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
  if (platform.includes('$')) return []
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

function single(instruction: Instruction): Found {
  const { name, pairs, isJson, original, args } = instruction
  const found: LintWarning[] = []
  if (name === 'MAINTAINER')
    found.push(at('MaintainerDeprecated', instruction, 'Maintainer instruction is deprecated in favor of using label'))
  if ((name === 'CMD' || name === 'ENTRYPOINT') && !isJson)
    found.push(
      at(
        'JSONArgsRecommended',
        instruction,
        `JSON arguments recommended for ${name} to prevent unintended behavior related to OS signals`,
      ),
    )
  if (
    (name === 'ENV' || name === 'LABEL') &&
    /^\S+\s+[^\s="']+\s/.test(`${original} `) &&
    !/^\S+\s+[^\s]*=/.test(original)
  )
    found.push(
      at(
        'LegacyKeyValueFormat',
        instruction,
        `"${name} key=value" should be used instead of legacy "${name} key value" format`,
      ),
    )
  if (name === 'ENV' || name === 'ARG')
    for (const [key] of pairs)
      if (secretName.test(key) && !publicName.test(key))
        found.push(
          at(
            'SecretsUsedInArgOrEnv',
            instruction,
            `Do not use ARG or ENV instructions for sensitive data (${name} ${JSON.stringify(key)})`,
          ),
        )
  if (name === 'EXPOSE') found.push(...args.flatMap(port => exposed(instruction, port)))
  return found
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

const platformNames = /^(BUILD|TARGET)(PLATFORM|OS|ARCH|VARIANT)$|^TARGETSTAGE$/

function undeclared({ globalArgs, stages }: Dockerfile): Found {
  const known = new Set(globalArgs.flatMap(({ pairs }) => pairs.map(([name]) => name)))
  return stages.flatMap(({ from }) =>
    [...from.args[0]!.matchAll(/\$\{?(\w+)/g)]
      .map(([, name]) => name!)
      .filter(name => !known.has(name) && !platformNames.test(name))
      .map(name => at('UndefinedArgInFrom', from, `FROM argument '${name}' is not declared`)),
  )
}
