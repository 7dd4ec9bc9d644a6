// What an engine makes of the cases: node test/e2e/build/llb/record.ts SOCKET [file], with busyboxTar() imported as busybox
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../../../src/base/errors.ts'
import { type Case, cases } from './cases.ts'
import { build } from './client.ts'

/** The files that a graph makes, or what is wrong with it. */
export async function outcomeOf(socket: string, { graph, path }: Case): Promise<readonly string[] | string> {
  let lines: readonly string[] = []
  try {
    await build(socket, { secrets: { word: 'hush' } }, async frontend => {
      lines = await frontend.tree(await frontend.solve(graph), path)
      return undefined
    })
    return lines
  } catch (error) {
    return messageOf(error)
  }
}

/** Without the names that BuildKit has for its own results. */
export const plain = (outcome: readonly string[] | string) =>
  typeof outcome === 'string' ? outcome.replace(/(of ref) \S+::\S+:/, '$1:') : outcome

if (process.argv[1] === import.meta.filename) {
  const [, , socket = '', out = join(import.meta.dirname, 'expected.json')] = process.argv
  const outcomes: Record<string, unknown> = {}
  for (const each of cases) outcomes[each.name] = plain(await outcomeOf(socket, each))
  writeFileSync(out, `${JSON.stringify(outcomes, null, 1)}\n`)
  process.exit()
}
