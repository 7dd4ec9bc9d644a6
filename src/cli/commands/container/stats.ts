import { setTimeout as delay } from 'node:timers/promises'
import { isEngineError, messageOf } from '../../../base/errors.ts'
import { type Context, command } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import { formatList } from '../../format/list.ts'
import { formatMany } from '../../options/common.ts'
import { emptyEntry, type StatsEntry, statsColumns, statsFallback, toEntry } from './stats-entry.ts'

const flags = {
  all: { type: 'bool', short: 'a', help: 'Stopped ones as well' },
  format: formatMany,
  'no-stream': { type: 'bool', help: 'Print once and stop' },
  'no-trunc': { type: 'bool', help: 'Print everything in full length' },
} as const

type StatsContext = Context<typeof flags>

/** Without news for so long, a line shows that nothing is known. */
const staleMillis = 3000

/** Follows containers and keeps the latest line of each. */
class Board {
  readonly #context: StatsContext
  readonly #entries = new Map<string, StatsEntry>()
  readonly #stops = new Map<string, AbortController>()
  readonly #first: Promise<void>[] = []
  readonly failures: unknown[] = []

  constructor(context: StatsContext) {
    this.#context = context
  }

  add(container: string): void {
    if (this.#entries.has(container)) return
    const stop = new AbortController()
    this.#entries.set(container, emptyEntry(container))
    this.#stops.set(container, stop)
    const first = Promise.withResolvers<void>()
    this.#first.push(first.promise)
    void this.#follow(container, stop.signal, first.resolve).finally(first.resolve)
  }

  drop(container: string): void {
    this.#stops.get(container)?.abort()
    this.#stops.delete(container)
    this.#entries.delete(container)
  }

  async #follow(container: string, signal: AbortSignal, heard: () => void): Promise<void> {
    const { engine, flags } = this.#context
    const set = (entry: StatsEntry) => {
      if (this.#entries.has(container)) this.#entries.set(container, entry)
    }
    let timer: NodeJS.Timeout | undefined
    try {
      const options = { stream: !flags['no-stream'], oneShot: false, signal }
      for await (const sample of await engine.containers.stats(container, options)) {
        clearTimeout(timer)
        const entry = toEntry(container, sample as never)
        set(entry)
        timer = setTimeout(() => set({ ...entry, isKnown: false }), staleMillis).unref()
        heard()
      }
    } catch (error) {
      if (signal.aborted) return
      if (isEngineError(error, 'not-found')) this.#entries.delete(container)
      else set(emptyEntry(container))
      this.failures.push(error)
    } finally {
      clearTimeout(timer)
    }
  }

  ready(): Promise<unknown> {
    return Promise.all(this.#first)
  }

  get entries(): readonly StatsEntry[] {
    return [...this.#entries.values()]
  }

  stop(): void {
    for (const stop of this.#stops.values()) stop.abort()
  }
}

/** Adds and drops containers as they come and go. */
async function watch({ engine, flags }: StatsContext, board: Board, signal: AbortSignal): Promise<void> {
  const filters = new Map([['type', ['container']]])
  try {
    for await (const { Action, Actor } of engine.system.events({ filters, signal })) {
      const id = (Actor?.ID ?? '').slice(0, 12)
      if (Action === 'start' || (flags.all && Action === 'create')) board.add(id)
      if (Action === 'destroy' || (!flags.all && Action === 'die')) board.drop(id)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

const clear = '\x1b[H\x1b[J'

async function draw({ config, flags, out }: StatsContext, board: Board, isEndless: boolean): Promise<void> {
  const columns = statsColumns(flags['no-trunc'])
  const format = flags.format || ((config.file.statsFormat as string | undefined) ?? '')
  const page = () => formatList(columns, board.entries, format, statsFallback)
  if (flags['no-stream']) return out.write(page())
  while (isEndless || board.entries.length > 0) {
    // one write for each picture, so that it never flickers
    const lines = page().split('\n')
    out.write(out.isTerminal ? `${clear}${lines.slice(0, out.rows - 1).join('\n')}\n` : page())
    await delay(500)
  }
}

export const stats = command({
  usage: '[OPTIONS] [CONTAINER...]',
  summary: 'Show what containers use as they use it',
  aliases: ['container stats', 'stats'],
  complete: 'container',
  flags,
  async run(context) {
    const { args, engine, flags } = context
    const board = new Board(context)
    const stop = new AbortController()
    const isAll = args.length === 0
    if (isAll) {
      if (!flags['no-stream']) void watch(context, board, stop.signal).catch(error => board.failures.push(error))
      const found = await engine.containers.list({ all: flags.all, size: false, filters: new Map() })
      for (const { Id = '' } of found) board.add(Id.slice(0, 12))
    } else for (const name of args) board.add(name)
    await board.ready()
    const failures = isAll ? [] : board.failures
    if (failures.length) throw new ExitError(1, failures.map(messageOf).join('\n'))
    try {
      await draw(context, board, isAll)
    } finally {
      stop.abort()
      board.stop()
    }
  },
})
