import type { EngineConnection } from '../../../spec/engine-api/connection.ts'
import { type Command, command } from '../../command.ts'
import { throwAll } from '../../errors.ts'

/** Does `act` to each name, prints those that worked, fails with the messages of the rest. */
async function each(
  names: readonly string[],
  print: (name: string) => void,
  act: (name: string) => Promise<void>,
): Promise<void> {
  const results = await Promise.allSettled(names.map(act))
  results.forEach((result, at) => {
    if (result.status === 'fulfilled') print(names[at]!)
  })
  throwAll(results.flatMap(result => (result.status === 'rejected' ? [result.reason] : [])))
}

const many = 'CONTAINER [CONTAINER...]'

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

const stopping = (verb: 'stop' | 'restart', summary: string): Command =>
  command({
    usage: `[OPTIONS] ${many}`,
    summary,
    aliases: [`container ${verb}`, verb],
    minArgs: 1,
    complete: 'container',
    flags: {
      signal: { type: 'string', short: 's', help: 'Signal that asks the container to end' },
      timeout: { type: 'int', short: 't', help: 'Seconds of patience before the container is killed' },
      time: { type: 'int', help: 'Old name of --timeout', hidden: true, deprecated: 'use --timeout instead' },
    },
    run: ({ args, changed, engine, flags, out }) => {
      const seconds = changed.has('timeout') ? flags.timeout : changed.has('time') ? flags.time : undefined
      const options = { signalName: flags.signal || undefined, timeoutSeconds: seconds }
      return each(
        args,
        name => out.line(name),
        id => engine.containers[verb](id, options),
      )
    },
  })

export const stop = stopping('stop', 'End one or more running containers')
export const restart = stopping('restart', 'Stop containers and start them again')

export const kill = command({
  usage: `[OPTIONS] ${many}`,
  summary: 'Send a signal to running containers, KILL unless told otherwise',
  aliases: ['container kill', 'kill'],
  minArgs: 1,
  complete: 'container',
  flags: { signal: { type: 'string', short: 's', help: 'Signal to send' } },
  run: ({ args, engine, flags, out }) =>
    each(
      args,
      name => out.line(name),
      id => engine.containers.kill(id, flags.signal || undefined),
    ),
})

export const rm = command({
  usage: `[OPTIONS] ${many}`,
  summary: 'Delete one or more containers',
  aliases: ['container rm', 'container remove', 'rm'],
  minArgs: 1,
  complete: 'container',
  flags: {
    force: { type: 'bool', short: 'f', help: 'Kill a running container first' },
    link: { type: 'bool', short: 'l', help: 'Delete the link of this name, not a container' },
    volumes: { type: 'bool', short: 'v', help: 'Delete its anonymous volumes as well' },
  },
  run: ({ args, engine, flags, out }) =>
    each(
      args,
      name => out.line(name),
      async id => {
        const path = id.replace(/^\//, '')
        try {
          await engine.containers.remove(path, { force: flags.force, link: flags.link, volumes: flags.volumes })
        } catch (error) {
          if (!flags.force || (error as { kind?: string }).kind !== 'not-found') throw error
          throwAll([error])
        }
      },
    ),
})

export const rename = command({
  usage: 'CONTAINER NEW_NAME',
  summary: 'Give a container another name',
  aliases: ['container rename', 'rename'],
  minArgs: 2,
  maxArgs: 2,
  complete: 'container',
  flags: {},
  run: ({ args, engine }) => engine.containers.rename(args[0]!, args[1]!),
})

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
        out.line(String((await (await engine.containers.wait(id, 'not-running')).exit).StatusCode))
      } catch (error) {
        errors.push(error)
      }
    }
    throwAll(errors)
  },
})
