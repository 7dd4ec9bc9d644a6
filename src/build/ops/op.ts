import type { Digest } from '../../spec/digest.ts'
import type { BuildOptions } from '../../spec/engine-api/engine.ts'
import type { ExecutionConfig } from '../../spec/oci-image.ts'
import type { BuildArgs } from '../build-args.ts'
import type { BuildContext } from '../context.ts'
import type { BuildDeps } from '../deps.ts'
import type { Instruction } from '../dockerfile/instruction.ts'

/** Where the layer of one step is made. */
export interface LayerPlace {
  readonly upper: string
  readonly work: string
  /** of the container, as the user sees it */
  readonly id: string
}

/** What one instruction would do to the image so far; nothing has happened yet. */
export interface Step {
  readonly config: ExecutionConfig
  /** as the history shows it; with the parent and `inputs` it decides whether an earlier result will do */
  readonly createdBy: string
  readonly inputs?: readonly string[]
  readonly author?: string
  /** a container is announced */
  readonly inContainer: boolean
  /** makes the layer; absent when there is none */
  readonly fill?: (place: LayerPlace) => Promise<void>
}

/** The image so far, and what an instruction may ask for. */
export interface StageView {
  readonly deps: BuildDeps
  readonly options: BuildOptions
  readonly context: BuildContext
  readonly args: BuildArgs
  readonly config: ExecutionConfig
  readonly chainId: Digest | undefined
  /** CMD was set in this stage */
  readonly hasCmd: boolean
  readonly expand: (word: string) => string
  /** value of a variable: ENV, then ARG */
  readonly lookUp: (name: string) => string | undefined
  readonly send: (text: string) => void
  /** The image that `--from` means. */
  readonly imageOf: (from: string) => Promise<{ readonly chainId: Digest | undefined }>
}

export type Op = (instruction: Instruction, stage: StageView) => Step | Promise<Step>

export const shellOf = ({ Shell }: ExecutionConfig): readonly string[] => (Shell?.length ? Shell : ['/bin/sh', '-c'])

/** A step that changes the configuration only. */
export const metadata = (stage: StageView, comment: string, change: ExecutionConfig): Step => ({
  config: { ...stage.config, ...change },
  createdBy: `${shellOf(stage.config).join(' ')} #(nop)  ${comment}`,
  inContainer: true,
})

export function envOf({ Env }: ExecutionConfig): ReadonlyMap<string, string> {
  return new Map((Env ?? []).map(each => [each.split('=', 1)[0]!, each.slice(each.indexOf('=') + 1)]))
}

/** The command of RUN, CMD or ENTRYPOINT: in shell form behind the shell. */
export const commandOf = ({ args, isJson }: Instruction, config: ExecutionConfig): readonly string[] =>
  isJson ? args : [...shellOf(config), ...args]

/** As Go prints a list of strings with `%q`. */
export const quotedList = (words: readonly string[]): string => `[${words.map(word => JSON.stringify(word)).join(' ')}]`
