import type { EventMessage } from '../../../spec/engine-api/system.ts'
import { command } from '../../command.ts'
import { parseFilters } from '../../filters.ts'
import { goJson } from '../../format/functions.ts'
import { formatRfc3339 } from '../../format/moment.ts'
import { parseTemplate } from '../../format/template.ts'
import { filter } from '../../options/common.ts'
import { parseMoment } from '../../options/moment.ts'

/** Seconds with nine digits; `timeNano` is beyond what a double holds, so it comes as text. */
function momentOf({ time, timeNano }: EventMessage): string {
  const digits = String(timeNano ?? '')
  if (/^\d{10,}$/.test(digits)) {
    const seconds = Number(digits.slice(0, -9))
    if (seconds > 0) return formatRfc3339(new Date(seconds * 1000), digits.slice(-9))
  }
  return formatRfc3339(new Date(Number(time ?? 0) * 1000), '000000000')
}

export function formatEvent(event: EventMessage): string {
  const attributes = Object.entries(event.Actor?.Attributes ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
  const tail = attributes.length ? ` (${attributes.join(', ')})` : ''
  return `${momentOf(event)} ${event.Type} ${event.Action} ${event.Actor?.ID ?? ''}${tail}`
}

/** The event with the keys of every map in order, as Go encodes it. */
const ordered = (event: EventMessage): object => ({
  ...event,
  ...(event.Actor
    ? {
        Actor: {
          ...event.Actor,
          Attributes: Object.fromEntries(
            Object.entries(event.Actor.Attributes ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)),
          ),
        },
      }
    : {}),
})

export const events = command({
  usage: '[OPTIONS]',
  summary: 'Show what happens in the engine as it happens',
  aliases: ['system events', 'events'],
  maxArgs: 0,
  flags: {
    filter,
    format: { type: 'string', help: "How to print: 'json' or a Go template for each event" },
    since: { type: 'string', help: 'From this moment on, or from so long ago' },
    until: { type: 'string', help: 'Up to this moment' },
  },
  async run({ engine, flags, out }) {
    const render = flags.format && flags.format !== 'json' ? parseTemplate(flags.format) : undefined
    const options = {
      since: parseMoment(flags.since),
      until: parseMoment(flags.until),
      filters: parseFilters(flags.filter),
    }
    for await (const event of engine.system.events(options)) {
      if (render) out.line(render(event))
      else out.line(flags.format === 'json' ? goJson(ordered(event)) : formatEvent(event))
    }
  },
})
