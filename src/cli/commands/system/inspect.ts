import { isEngineError, messageOf } from '../../../base/errors.ts'
import type { EngineConnection } from '../../../spec/engine-api/connection.ts'
import { type Command, command } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import { parseTemplate } from '../../format/template.ts'
import type { Output } from '../../output.ts'

type Find = (engine: EngineConnection, name: string, size: boolean) => Promise<unknown>

const finders: Readonly<Record<string, Find>> = {
  container: (engine, name, size) => engine.containers.inspect(name, { size }),
  image: (engine, name) => engine.images.inspect(name),
  network: (engine, name) => engine.networks.inspect(name),
  volume: (engine, name) => engine.volumes.inspect(name),
}

async function show(
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
      if (render) out.line(render(item))
      else found.push(item)
    } catch (error) {
      errors.push(messageOf(error))
    }
  }
  if (!render) out.line(format === 'json' ? JSON.stringify(found) : JSON.stringify(found, null, 4))
  else if (errors.length === names.length) out.write('\n')
  if (errors.length) throw new ExitError(1, errors.join('\n'))
}

const format = { type: 'string', short: 'f', help: "'json' or a Go template for each object" } as const

const typed = (type: string, word: string): Command =>
  command({
    usage: `[OPTIONS] ${word} [${word}...]`,
    summary: `Show everything about one or more ${type}s`,
    minArgs: 1,
    complete: type,
    flags: { format },
    run: ({ args, engine, flags, out }) => show(out, args, flags.format, name => finders[type]!(engine, name, false)),
  })

export const image = typed('image', 'IMAGE')
export const network = typed('network', 'NETWORK')
export const volume = typed('volume', 'VOLUME')
export const container = typed('container', 'CONTAINER')

export const inspect = command({
  usage: '[OPTIONS] NAME|ID [NAME|ID...]',
  summary: 'Show everything about objects of any kind',
  minArgs: 1,
  complete: 'container',
  flags: {
    format,
    size: { type: 'bool', short: 's', help: "Sizes of a container's files" },
    type: { type: 'string', help: 'Only objects of this kind' },
  },
  run: ({ args, engine, flags, out }) =>
    show(out, args, flags.format, async name => {
      const kinds = flags.type ? [flags.type] : Object.keys(finders)
      for (const kind of kinds) {
        if (!finders[kind]) throw new ExitError(1, `"${kind}" is not a valid value for --type`)
        try {
          return await finders[kind](engine, name, flags.size)
        } catch (error) {
          if (!isEngineError(error, 'not-found') || flags.type) throw error
        }
      }
      throw new ExitError(1, `Error: No such object: ${name}`)
    }),
})
