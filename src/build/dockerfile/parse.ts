import { EngineError } from '../../base/errors.ts'
import { NoStageError, parseError, TextError } from './error.ts'
import type { Dockerfile, Instruction, Stage } from './instruction.ts'
import { type LogicalLine, splitLines } from './logical-lines.ts'
import { parseInstruction } from './parse-instruction.ts'

const stageName = /^[a-z][a-z0-9-_.]*$/

/**
 * Reads a whole Dockerfile.
 * Spec: https://docs.docker.com/reference/dockerfile/
 *
 * @throws EngineError `invalid` with Docker's text
 */
export function parseDockerfile(text: string, fileName = 'Dockerfile'): Dockerfile {
  try {
    return parseText(text)
  } catch (error) {
    if (!(error instanceof TextError)) throw error
    throw new EngineError('invalid', `failed to parse ${fileName}: ${error.message}`)
  }
}

/** As parseDockerfile(), for who names the file elsewhere. */
export function parseText(text: string): Dockerfile {
  const { lines, ...head } = splitLines(text)
  if (lines.length === 0) throw new TextError('file with no instructions')
  const globalArgs: Instruction[] = []
  const stages: (Stage & { readonly instructions: Instruction[] })[] = []
  for (const instruction of lines.map(parseLine)) {
    const { name } = instruction
    const current = stages.at(-1)
    if (name === 'FROM') stages.push({ name: nameOfStage(instruction), from: instruction, instructions: [] })
    else if (current) current.instructions.push(instruction)
    else if (name === 'ARG') globalArgs.push(instruction)
    else throw new NoStageError(instruction.line)
  }
  if (stages.length === 0) throw new EngineError('invalid', 'no build stage in current context')
  return { ...head, globalArgs, stages }
}

/** One instruction out of its file: a trigger of ONBUILD, or a line of `--change`. */
export function parseLine(line: LogicalLine): Instruction {
  try {
    const instruction = parseInstruction(line)
    if (instruction.name === 'ONBUILD') checkTrigger(instruction)
    return instruction
  } catch (error) {
    // what matches words gives up on very long ones
    if (error instanceof RangeError) throw parseError(line.line, 'instruction is too long')
    if (!(error instanceof EngineError) || error instanceof TextError) throw error
    throw parseError(line.line, error.message)
  }
}

function checkTrigger({ args }: Instruction): void {
  const trigger = (args[0] ?? '').split(/\s/)[0]!.toUpperCase()
  if (trigger === 'ONBUILD') throw new EngineError('invalid', "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")
  if (trigger === 'MAINTAINER' || trigger === 'FROM')
    throw new EngineError('invalid', `${trigger} isn't allowed as an ONBUILD trigger`)
}

function nameOfStage({ args, line }: Instruction): string | undefined {
  if (args.length === 1) return undefined
  if (args.length !== 3 || args[1]!.toUpperCase() !== 'AS')
    throw parseError(line, 'FROM requires either one or three arguments')
  const name = args[2]!.toLowerCase()
  if (!stageName.test(name))
    throw parseError(
      line,
      `invalid name for build stage: ${JSON.stringify(args[2])}, name can't start with a number or contain symbols`,
    )
  return name
}
