import type { Digest } from '../../spec/digest.ts'
import type { BuildOptions, BuildOutput } from '../../spec/engine-api/build-verbs.ts'
import type { ExecutionConfig } from '../../spec/oci-image.ts'
import type { BuildArgs } from '../build-args.ts'
import type { BuildContext } from '../context.ts'
import type { BuildDeps } from '../deps.ts'
import type { Instruction } from '../dockerfile/instruction.ts'
import type { MountFlag } from '../dockerfile/mount-flag.ts'
import type { Lent } from './lent.ts'

/** Where the layer of one step is made. */
export interface LayerPlace {
  /** the stack that it goes on; undefined is empty */
  readonly chainId: Digest | undefined
  readonly upper: string
  readonly work: string
  /** of the container, as the user sees it */
  readonly id: string
}

/** What a step needs before its layer can be looked up or made. */
export interface Settled {
  /** as the classic builder's history shows it; with the parent and `inputs` it decides whether an earlier result will do */
  readonly createdBy: string
  readonly inputs?: readonly string[]
  /** makes the layer; absent when there is none */
  readonly fill?: (place: LayerPlace) => Promise<void>
}

/** Paths that a step reads in the context, or in the image or stage `from`. */
export interface Reads {
  readonly from: string | undefined
  readonly paths: readonly string[]
}

/** What one instruction would do to the image so far; nothing has happened yet, and no file was looked at. */
export interface Step extends Settled {
  readonly config: ExecutionConfig
  readonly author?: string
  /** a container is announced */
  readonly inContainer: boolean
  /** as BuildKit's history shows it */
  readonly comment: string
  readonly reads?: readonly Reads[]
  /** what a command sees beside its root */
  readonly mounts?: readonly MountFlag[]
  /** its layer is the same whatever it goes on */
  readonly isLinked?: boolean
  /** looks at the files that the step reads, and says what it depends on */
  readonly settle?: () => Promise<Settled>
}

/** The image so far, and what an instruction may ask for. */
export interface StageView extends Lent {
  readonly deps: BuildDeps
  readonly options: BuildOptions
  readonly context: BuildContext
  readonly args: BuildArgs
  readonly config: ExecutionConfig
  /** CMD was set in this stage */
  readonly hasCmd: boolean
  readonly expand: (word: string) => string
  /** value of a variable: ENV, then ARG */
  readonly lookUp: (name: string) => string | undefined
  readonly send: (text: string) => void
  /** what a command prints */
  readonly output: (chunk: Buffer, output: BuildOutput) => void
  /** whether the client lets steps have an entitlement, such as `network.host` */
  readonly allows?: (entitlement: string) => boolean
  /** which builder's rules and words apply */
  readonly dialect: 'classic' | 'buildkit'
  /** seconds since 1970 that files of the layer get; undefined: their own */
  readonly layerTime?: () => number | undefined
  /** The image that `--from` means. */
  readonly imageOf: (from: string) => Promise<{ readonly chainId: Digest | undefined }>
}

export type Op = (instruction: Instruction, stage: StageView) => Step

export const shellOf = ({ Shell }: ExecutionConfig): readonly string[] => (Shell?.length ? Shell : ['/bin/sh', '-c'])

/** A step that changes the configuration only. */
export const metadata = (
  stage: StageView,
  classicComment: string,
  change: ExecutionConfig,
  comment = classicComment,
): Step => ({
  config: { ...stage.config, ...change },
  createdBy: `${shellOf(stage.config).join(' ')} #(nop)  ${classicComment}`,
  comment,
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
