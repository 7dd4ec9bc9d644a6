import type { Dockerfile, Instruction } from '../dockerfile/instruction.ts'
import { variablesIn } from '../dockerfile/lint-from.ts'
import { type Answer, commentOn, encoded, location } from './requests.ts'
import type { FileText } from './source.ts'
import { isStage, type PlannedStage } from './stages.ts'

interface Entry {
  readonly name: string
  readonly description?: string
  readonly value?: string
  readonly required?: true
  readonly location: ReturnType<typeof location>
}

type About = { readonly [K in 'description' | 'value' | 'required']?: Entry[K] | undefined }

/** What of one kind the stages have, each name once: that of the stage itself before those that it needs. */
class Entries {
  readonly #all = new Map<string, { readonly entry: Entry; readonly line: number }>()

  add(name: string, { line, endLine }: Instruction, { description, value, required }: About): void {
    const all = { description, value, required }
    const given = Object.fromEntries(Object.entries(all).filter(([, each]) => each !== undefined && each !== ''))
    if (!this.#all.has(name))
      this.#all.set(name, { entry: { name, ...given, location: location(line, endLine) }, line })
  }

  get list(): readonly Entry[] {
    return [...this.#all.values()].sort((a, b) => a.line - b.line).map(({ entry }) => entry)
  }
}

/** The arguments, secrets and agents that a target takes, its own and those of the stages that it needs. */
export function outlineAnswer(
  file: Dockerfile,
  text: FileText,
  target: PlannedStage,
  needed: readonly PlannedStage[],
): Answer {
  const [args, secrets, ssh] = [new Entries(), new Entries(), new Entries()]
  for (const stage of ordered(target, needed)) {
    for (const argument of argumentsOf(file, stage)) args.add(argument.name, argument.at, argument)
    for (const { instruction, step } of [...stage.steps].reverse())
      for (const { kind, id, target, required } of step.mounts ?? []) {
        const name = id || (kind === 'secret' ? target.slice(target.lastIndexOf('/') + 1) : 'default')
        if (kind === 'secret' || kind === 'ssh')
          (kind === 'secret' ? secrets : ssh).add(name, instruction, required ? { required: true } : {})
      }
  }
  const { name, from } = target.stage
  const description = commentOn(from, name)
  const some = (key: string, { list }: Entries) => (list.length > 0 ? { [key]: list } : {})
  const json = {
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...some('args', args),
    ...some('secrets', secrets),
    ...some('ssh', ssh),
  }
  return { json: { ...json, sources: [encoded(text)] }, text: toText(json) }
}

/** The target, what it stands on, then what it copies from. */
function ordered(target: PlannedStage, needed: readonly PlannedStage[]): readonly PlannedStage[] {
  const chain: PlannedStage[] = []
  for (let at: PlannedStage['base'] = target; isStage(at); at = at.base) chain.push(at)
  return [...chain, ...needed.filter(stage => !chain.includes(stage))]
}

interface Argument {
  readonly name: string
  readonly at: Instruction
  readonly value?: string | undefined
  readonly description?: string | undefined
}

function argumentsOf({ globalArgs }: Dockerfile, { stage, args }: PlannedStage): readonly Argument[] {
  const global = (name: string): Argument[] => {
    const at = globalArgs.findLast(({ pairs }) => pairs.some(([key]) => key === name))
    return at ? [{ name, at, value: args.global(name), description: commentOn(at, name) }] : []
  }
  const { from, instructions } = stage
  const words = [from.args[0]!, from.flags.get('platform')?.at(-1) ?? '']
  const own = instructions
    .filter(({ name }) => name === 'ARG')
    .flatMap(at =>
      at.pairs.flatMap(([name, given]) => {
        const isGlobal = given === undefined && args.globalNames().includes(name)
        return isGlobal ? global(name) : [{ name, at, value: args.get(name), description: commentOn(at, name) }]
      }),
    )
  return [...words.flatMap(variablesIn).flatMap(global), ...own]
}

function toText({
  name,
  description,
  args = [],
  secrets = [],
  ssh = [],
}: Readonly<Record<string, unknown>> & {
  readonly name?: string
  readonly description?: string
  readonly args?: readonly Entry[]
  readonly secrets?: readonly Entry[]
  readonly ssh?: readonly Entry[]
}): string {
  const head = [name && `TARGET: ${name}`, description && `DESCRIPTION: ${description}`].filter(Boolean)
  const table = (title: string, rows: readonly string[]) => (rows.length > 0 ? ['', title, ...rows] : [])
  const needs = (entries: readonly Entry[]) => entries.map(each => `${each.name}\t${each.required ? 'true' : ''}`)
  return [
    ...head,
    ...table(
      'BUILD ARG\tVALUE\tDESCRIPTION',
      args.map(each => [each.name, each.value, each.description].join('\t')),
    ),
    ...table('SECRET\tREQUIRED', needs(secrets)),
    ...table('SSH\tREQUIRED', needs(ssh)),
    '',
  ].join('\n')
}
