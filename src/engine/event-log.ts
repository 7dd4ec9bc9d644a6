import { EventEmitter } from 'node:events'
import { EngineError } from '../base/errors.ts'
import { nowNanos } from '../base/time.ts'
import type { EventsOptions, Filters } from '../spec/engine-api/engine.ts'
import type { EventMessage } from '../spec/engine-api/system.ts'
import { matchesEvent } from './event-filters.ts'

const keptEvents = 256
/** a reader further behind than this loses events instead of holding anybody up */
const maxBacklog = 1024

export type NewEvent = Omit<EventMessage, 'time' | 'timeNano' | 'scope'>

interface Kept {
  readonly nanos: bigint
  readonly event: EventMessage
}

/** What happened lately, for readers of `docker events`: the newest 256 can be asked for again. */
export class EventLog {
  readonly #emitter = new EventEmitter().setMaxListeners(0)
  readonly #kept: Kept[] = []

  /** Tells everybody of something that is already saved. */
  emit(event: NewEvent): void {
    const nanos = nowNanos()
    const full = {
      ...event,
      scope: 'local',
      time: Number(nanos / 1_000_000_000n),
      timeNano: Number(nanos),
    } as EventMessage
    this.#kept.push({ nanos, event: full })
    if (this.#kept.length > keptEvents) this.#kept.shift()
    this.#emitter.emit('event', full)
  }

  get listenerCount(): number {
    return this.#emitter.listenerCount('event')
  }

  /** Past events if asked for, then new ones until `until`, or for ever. */
  read({ since, until, filters, signal }: EventsOptions): AsyncIterable<EventMessage> {
    if (since !== undefined && until !== undefined && since > until) {
      const text = (nanos: bigint) => `${nanos / 1_000_000_000n}`
      throw new EngineError(
        'invalid',
        `\`since\` time (${text(since)}) cannot be after \`until\` time (${text(until)})`,
      )
    }
    return this.#read(since, until, filters, signal)
  }

  async *#read(
    since: bigint | undefined,
    until: bigint | undefined,
    filters: Filters,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<EventMessage> {
    const queue: EventMessage[] = []
    let wake = () => {}
    const onEvent = (event: EventMessage) => {
      if (queue.length < maxBacklog) queue.push(event)
      wake()
    }
    this.#emitter.on('event', onEvent)
    let isOver = false
    const end = () => {
      isOver = true
      wake()
    }
    signal?.addEventListener('abort', end, { once: true })
    const timer =
      until === undefined ? undefined : setTimeout(end, Math.max(0, Number((until - nowNanos()) / 1_000_000n)))
    try {
      const asksForPast = since !== undefined || until !== undefined
      const past = asksForPast
        ? this.#kept.filter(({ nanos }) => nanos >= (since ?? 0n) && (until === undefined || nanos <= until))
        : []
      for (const { event } of past) if (matchesEvent(event, filters)) yield event
      while (!isOver || queue.length > 0) {
        const event = queue.shift()
        if (!event) await new Promise<void>(resolve => (wake = resolve))
        else if (matchesEvent(event, filters)) yield event
      }
    } finally {
      clearTimeout(timer)
      this.#emitter.off('event', onEvent)
      signal?.removeEventListener('abort', end)
    }
  }
}
