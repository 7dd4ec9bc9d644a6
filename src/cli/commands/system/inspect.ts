import { isEngineError, messageOf } from '../../../base/errors.ts'
import type { EngineConnection } from '../../../spec/engine-api/connection.ts'
import { type Command, command } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import { goJson } from '../../format/functions.ts'
import { parseTemplate } from '../../format/template.ts'
import { formatOne } from '../../options/common.ts'
import type { Output } from '../../output.ts'

interface FindOptions {
  readonly size: boolean
}

type Find = (engine: EngineConnection, name: string, options: FindOptions) => Promise<unknown>

const swarmKind =
  (path: string): Find =>
  (engine, name) =>
    engine.requestJson({
      method: 'GET',
      path: `/${path}/${name}`,
      ...(path === 'services' ? { query: { insertDefaults: 'false' } } : {}),
    })

/** Kinds in the order in which a name is looked up. */
const finders: Readonly<Record<string, Find>> = {
  container: (engine, name, { size }) => engine.containers.inspect(name, { size }),
  image: (engine, name) => engine.images.inspect(name),
  network: (engine, name) => engine.networks.inspect(name),
  volume: (engine, name) => engine.volumes.inspect(name),
  service: swarmKind('services'),
  task: swarmKind('tasks'),
  node: swarmKind('nodes'),
  plugin: (engine, name) => engine.requestJson({ method: 'GET', path: `/plugins/${name}/json` }),
  secret: swarmKind('secrets'),
  config: swarmKind('configs'),
}
const swarmOnly = ['service', 'task', 'node', 'secret', 'config']

function filled(render: (data: unknown) => string, item: unknown): string {
  try {
    return render(item)
  } catch (error) {
    throw new ExitError(1, `template parsing error: ${messageOf(error)}`)
  }
}

/** Prints what is found, as JSON or by a template, and fails at the end for what is not. */
export async function show(
  out: Output,
  names: readonly string[],
  format: string,
  find: (name: string) => Promise<unknown>,
): Promise<void> {
  const render = format && format !== 'json' ? parseTemplate(format) : undefined
  const found: unknown[] = []
  const errors: string[] = []
  for (const name of names) {
    try {
      const item = await find(name)
      if (render) out.line(filled(render, item))
      else found.push(item)
    } catch (error) {
      errors.push(messageOf(error))
    }
  }
  if (!render) out.line(format === 'json' ? goJson(found) : JSON.stringify(found, null, 4))
  else if (errors.length === names.length) out.write('\n')
  if (errors.length) throw new ExitError(1, errors.join('\n'))
}

export const container = command({
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  summary: 'Show everything about one or more containers',
  minArgs: 1,
  complete: 'container',
  flags: { format: formatOne, size: { type: 'bool', short: 's', help: 'Sizes of their files' } },
  run: ({ args, engine, flags, out }) =>
    show(out, args, flags.format, name => engine.containers.inspect(name, { size: flags.size })),
})

export const image = command({
  usage: '[OPTIONS] IMAGE [IMAGE...]',
  summary: 'Show everything about one or more images',
  minArgs: 1,
  complete: 'image',
  flags: {
    format: formatOne,
    platform: {
      type: 'string',
      help: 'Of this platform (os[/arch[/variant]]); an error when there is none',
      since: '1.49',
    },
  },
  run: ({ args, engine, flags, out }) =>
    show(out, args, flags.format, name =>
      engine.images.inspect(name, flags.platform ? { platform: flags.platform } : {}),
    ),
})

export const network = command({
  usage: '[OPTIONS] NETWORK [NETWORK...]',
  summary: 'Show everything about one or more networks',
  minArgs: 1,
  complete: 'network',
  flags: { format: formatOne, verbose: { type: 'bool', short: 'v', help: 'Also what helps to find faults' } },
  run: ({ args, engine, flags, out }) =>
    show(out, args, flags.format, name => engine.networks.inspect(name, { verbose: flags.verbose })),
})

export const volume: Command = command({
  usage: '[OPTIONS] VOLUME [VOLUME...]',
  summary: 'Show everything about one or more volumes',
  minArgs: 1,
  complete: 'volume',
  flags: { format: formatOne },
  run: ({ args, engine, flags, out }) => show(out, args, flags.format, name => engine.volumes.inspect(name)),
})

/** Whether this engine manages a swarm; asked once, only when nothing else has the name. */
function swarmAsker(engine: EngineConnection): () => Promise<boolean> {
  let asked: Promise<boolean> | undefined
  const ask = async () => {
    const { Swarm } = (await engine.system.info()) as { Swarm?: { ControlAvailable?: boolean } }
    return Swarm?.ControlAvailable === true
  }
  return () => (asked ??= ask().catch(() => false))
}

const isMissing = (error: unknown): boolean =>
  isEngineError(error, 'not-found') || /not supported|not implemented|invalid reference format/.test(messageOf(error))

function finderOf(engine: EngineConnection, type: string, size: boolean): (name: string) => Promise<unknown> {
  const isSwarm = swarmAsker(engine)
  return async name => {
    if (type) return finders[type]!(engine, name, { size })
    for (const [kind, find] of Object.entries(finders)) {
      if (swarmOnly.includes(kind) && !(await isSwarm())) continue
      try {
        return await find(engine, name, { size })
      } catch (error) {
        if (!isMissing(error)) throw error
      }
    }
    throw new ExitError(1, `Error: No such object: ${name}`)
  }
}

export const inspect = command({
  usage: '[OPTIONS] NAME|ID [NAME|ID...]',
  summary: 'Show everything about objects of any kind',
  minArgs: 1,
  complete: 'container',
  flags: {
    format: formatOne,
    size: { type: 'bool', short: 's', help: "Sizes of a container's files" },
    type: { type: 'string', help: 'Only objects of this kind', complete: Object.keys(finders) },
  },
  async run({ args, changed, engine, err, flags, out }) {
    if (changed.has('type') && flags.type === '')
      throw new ExitError(
        1,
        'type is empty: must be one of "config", "container", "image", "network", "node", "plugin", "secret", "service", "task", "volume"',
      )
    if (flags.type && !finders[flags.type])
      throw new ExitError(
        1,
        `unknown type: ${JSON.stringify(flags.type)}: must be one of "config", "container", "image", "network", "node", "plugin", "secret", "service", "task", "volume"`,
      )
    if (flags.size && flags.type && flags.type !== 'container') err.line(`WARNING: --size ignored for ${flags.type}s`)
    await show(out, args, flags.format, finderOf(engine, flags.type, flags.size))
  },
})
