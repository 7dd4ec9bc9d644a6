import type { EngineConnection } from '../spec/engine-api/connection.ts'
import type { Config, GlobalOptions } from './config.ts'
import type { FlagTable, FlagValues } from './flags.ts'
import type { Output } from './output.ts'

export interface Context<F extends FlagTable = FlagTable> {
  readonly args: readonly string[]
  readonly flags: FlagValues<F>
  /** flags that were given */
  readonly changed: ReadonlySet<string>
  /** connects at the first verb */
  readonly engine: EngineConnection
  readonly config: Config
  readonly out: Output
  readonly err: Output
  /** the words that led here, `container run` */
  readonly path: string
  /** another engine than the one of this command line, for completion */
  readonly engineFor: (options: GlobalOptions) => { readonly config: Config; readonly engine: EngineConnection }
}

/** One command: the table from which parser, help page, completion and man page come, and what it does. */
export interface Command<F extends FlagTable = FlagTable> {
  readonly usage: string
  /** when it is used in several ways, all of them */
  readonly usages?: readonly string[]
  readonly summary: string
  /** longer text of the help page, when the summary is not enough */
  readonly details?: string
  /** names of the same command elsewhere, `docker ps` */
  readonly aliases?: readonly string[]
  readonly minArgs?: number
  readonly maxArgs?: number
  /** options end at the first argument */
  readonly stopAtFirst?: boolean
  readonly flags: F
  readonly hidden?: true
  /** needs an engine with experimental features */
  readonly experimental?: true
  /** takes its words as they are, options included */
  readonly raw?: true
  /** what completion offers for arguments */
  readonly complete?: string
  /** the exit code when it is a number, else 0 */
  run(context: Context<F>): Promise<unknown>
}

export interface Group {
  readonly summary: string
  readonly details?: string
  readonly commands: Readonly<Record<string, Loader>>
  /** other names: `list` → `ls` */
  readonly aliases?: Readonly<Record<string, string>>
  /** only of use in a swarm: left out of help while there is none */
  readonly swarm?: true
  /** needs an engine with experimental features */
  readonly experimental?: true
}

export type Loader = () => Promise<Command>

/** Gives a command its flag types. */
export const command = <const F extends FlagTable>(spec: Command<F>): Command => spec as unknown as Command
