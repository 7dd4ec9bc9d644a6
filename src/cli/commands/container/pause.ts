import type { EngineConnection } from '../../../spec/engine-api/connection.ts'
import { type Command, command } from '../../command.ts'
import { each, many } from './each.ts'

const simple = (verb: string, summary: string, act: (engine: EngineConnection, id: string) => Promise<void>): Command =>
  command({
    usage: many,
    summary,
    aliases: [`container ${verb}`, verb],
    minArgs: 1,
    complete: 'container',
    flags: {},
    run: ({ args, engine, out }) =>
      each(
        args,
        name => out.line(name),
        id => act(engine, id),
      ),
  })

export const pause = simple('pause', 'Freeze every process of one or more containers', (engine, id) =>
  engine.containers.pause(id),
)
export const unpause = simple('unpause', 'Let frozen containers go on', (engine, id) => engine.containers.unpause(id))
