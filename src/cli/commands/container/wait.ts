import { command } from '../../command.ts'
import { ExitError, throwAll } from '../../errors.ts'
import { many } from './each.ts'

export const wait = command({
  usage: many,
  summary: 'Wait until containers end and print their exit codes',
  aliases: ['container wait', 'wait'],
  minArgs: 1,
  complete: 'container',
  flags: {},
  async run({ args, engine, out }) {
    const errors: unknown[] = []
    for (const id of args) {
      try {
        const { Error: failure, StatusCode } = await (await engine.containers.wait(id, 'not-running')).exit
        if (failure?.Message) throw new ExitError(1, failure.Message)
        out.line(String(StatusCode))
      } catch (error) {
        errors.push(error)
      }
    }
    throwAll(errors)
  },
})
