import type { Heredoc } from './logical-lines.ts'

export type InstructionName =
  | 'ADD'
  | 'ARG'
  | 'CMD'
  | 'COPY'
  | 'ENTRYPOINT'
  | 'ENV'
  | 'EXPOSE'
  | 'FROM'
  | 'HEALTHCHECK'
  | 'LABEL'
  | 'MAINTAINER'
  | 'ONBUILD'
  | 'RUN'
  | 'SHELL'
  | 'STOPSIGNAL'
  | 'USER'
  | 'VOLUME'
  | 'WORKDIR'

/** One instruction as it is written: nothing is expanded yet. */
export interface Instruction {
  readonly name: InstructionName
  readonly line: number
  /** of its last physical line */
  readonly endLine: number
  /** as a step shows it */
  readonly original: string
  readonly flags: ReadonlyMap<string, readonly string[]>
  /** words, or for a command in shell form its text */
  readonly args: readonly string[]
  /** name and value of ARG (where it may be undefined), ENV and LABEL */
  readonly pairs: readonly (readonly [string, string | undefined])[]
  /** `args` were a JSON array */
  readonly isJson: boolean
  readonly heredocs: readonly Heredoc[]
  /** lines of comments before it */
  readonly comments: readonly string[]
}

export interface Stage {
  /** lower case; undefined without AS */
  readonly name: string | undefined
  readonly from: Instruction
  readonly instructions: readonly Instruction[]
}

export interface Dockerfile {
  readonly escape: '\\' | '`'
  readonly directives: Readonly<Record<string, string>>
  /** before the first FROM */
  readonly globalArgs: readonly Instruction[]
  readonly stages: readonly Stage[]
  readonly warnings: readonly string[]
  /** lines that go on after a blank one */
  readonly emptyLines: readonly number[]
}
