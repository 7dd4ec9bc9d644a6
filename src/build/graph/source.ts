import { EngineError, messageOf } from '../../base/errors.ts'
import { SolveError } from '../../spec/engine-api/solve-error.ts'
import type { SourceExcerpt } from '../../spec/engine-api/solver.ts'
import { NoStageError, ParseError } from '../dockerfile/error.ts'
import type { Dockerfile, Instruction } from '../dockerfile/instruction.ts'
import { parseText } from '../dockerfile/parse.ts'
import { checkSyntax } from './frontend.ts'
import type { GraphOptions } from './options.ts'

/** A Dockerfile as its errors and warnings show it. */
export interface FileText {
  readonly fileName: string
  readonly text: string
}

export function excerpt({ fileName, text }: FileText, { line, endLine }: Pick<Instruction, 'line' | 'endLine'>) {
  return { fileName, text, ranges: line > 0 ? [{ start: line, end: endLine }] : [] } satisfies SourceExcerpt
}

/** The error with the lines it happened at; one that has them stays. */
export function withSource(error: unknown, file: FileText, at: Pick<Instruction, 'line' | 'endLine'>): unknown {
  if (error instanceof SolveError || (error instanceof EngineError && error.kind === 'cancelled')) return error
  const lines =
    error instanceof ParseError || error instanceof NoStageError ? { line: error.line, endLine: error.line } : at
  const kind = error instanceof EngineError ? error.kind : 'internal'
  return new SolveError(kind, messageOf(error), excerpt(file, lines), { cause: error })
}

/** @throws SolveError for what is wrong with the text */
export function parseWithSource(text: FileText, options: Pick<GraphOptions, 'buildArgs'>): Dockerfile {
  if (text.text === '') throw new EngineError('invalid', 'the Dockerfile cannot be empty')
  checkSyntax(text.text, options)
  try {
    return parseText(text.text)
  } catch (error) {
    throw withSource(error, text, { line: 0, endLine: 0 })
  }
}
