import { EventEmitter, on } from 'node:events'
import { EngineError } from '../../base/errors.ts'
import type { BuildRecord } from '../../spec/engine-api/build-history.ts'
import type {
  Attributes,
  BuildClient,
  ExportRequest,
  Solved,
  SolvedImage,
  SolveProgress,
} from '../../spec/engine-api/solver.ts'
import type { DecodedOf } from './wire/message.ts'
import type { definition } from './wire/pb.ts'

type DefinitionMap = Readonly<Record<string, DecodedOf<typeof definition> | undefined>>

/** What a client that runs the frontend itself gave back at the end. */
export interface Returned {
  readonly resultId: string | undefined
  readonly error: Error | undefined
  /** what the client says of it, such as the configuration of an image */
  readonly metadata: Readonly<Record<string, Uint8Array>>
}

/** One build while it runs: what it reported so far, and what it has solved. */
export class Job implements AsyncDisposable {
  readonly client: BuildClient
  readonly signal: AbortSignal
  /** what steps may have that the client allowed */
  readonly entitlements: readonly string[]
  /** files that the client gives by name, as it wrote them */
  readonly inputs: DefinitionMap
  readonly returned = Promise.withResolvers<Returned>()
  readonly #solved: Solved[] = []
  readonly #reported: SolveProgress[] = []
  readonly #gone = new AbortController()
  readonly #busy = new Set<Promise<unknown>>()
  #wake = Promise.withResolvers<void>()
  #isDone = false

  constructor(
    client: BuildClient,
    signal: AbortSignal,
    entitlements: readonly string[] = [],
    inputs: DefinitionMap = {},
  ) {
    this.client = client
    this.inputs = inputs
    this.entitlements = entitlements
    this.signal = AbortSignal.any([signal, this.#gone.signal])
    this.returned.promise.catch(() => {})
    this.signal.addEventListener('abort', () => this.returned.reject(new EngineError('cancelled', 'context canceled')))
  }

  readonly report = (progress: SolveProgress): void => {
    this.#reported.push(progress)
    this.#stir()
  }

  #stir(): void {
    const { resolve } = this.#wake
    this.#wake = Promise.withResolvers()
    resolve()
  }

  /** Everything so far. */
  get reported(): readonly SolveProgress[] {
    return this.#reported
  }

  /** Everything from the beginning, until the build is over; what has gathered meanwhile comes as one. */
  async *progress(signal: AbortSignal): AsyncGenerator<SolveProgress> {
    let at = 0
    const aborted = new Promise<void>(resolve => signal.addEventListener('abort', () => resolve()))
    while (!signal.aborted) {
      const wake = this.#wake.promise
      const fresh = this.#reported.slice(at)
      at += fresh.length
      if (fresh.length > 0) yield merge(fresh)
      else if (this.#isDone) return
      else await Promise.race([wake, aborted])
    }
  }

  /** Waits with the end of the build for `work`. */
  async run<T>(work: Promise<T>): Promise<T> {
    this.#busy.add(work)
    try {
      return await work
    } finally {
      this.#busy.delete(work)
    }
  }

  add(solved: Solved): Solved {
    this.#solved.push(solved)
    return solved
  }

  solvedWith(resultId: string | undefined): Solved | undefined {
    if (!resultId) return undefined
    return this.#solved.find(({ results }) => results?.values().some(({ id }) => id === resultId))
  }

  /** @throws EngineError `not-found` */
  result(id: string): SolvedImage {
    for (const { results } of this.#solved)
      for (const result of results?.values() ?? []) if (result.id === id) return result
    throw new EngineError('not-found', `no such ref: ${id}`)
  }

  /** The build is over: nothing of it runs any more when this returns. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#gone.abort(new EngineError('cancelled', 'context canceled'))
    await Promise.allSettled(this.#busy)
    for (const solved of this.#solved) solved[Symbol.dispose]()
    this.#isDone = true
    this.#stir()
  }
}

const merge = (parts: readonly SolveProgress[]): SolveProgress => ({
  vertexes: parts.flatMap(part => part.vertexes ?? []),
  statuses: parts.flatMap(part => part.statuses ?? []),
  logs: parts.flatMap(part => part.logs ?? []),
  warnings: parts.flatMap(part => part.warnings ?? []),
})

/** A build as it was asked for. */
export interface RunningBuild {
  readonly ref: string
  readonly frontend: string
  readonly attributes: Attributes
  readonly exports: readonly ExportRequest[]
  /** milliseconds since 1970 */
  readonly createdAt: number
}

const waitMillis = 3_000
/** A client may ask for the progress of a build when it is over already. */
const lingerMillis = 10_000

/** The builds that run, by the reference that their client chose. */
export class Jobs {
  readonly #jobs = new Map<string, Job>()
  readonly #running = new Map<string, RunningBuild>()
  readonly #changed = new EventEmitter<{ change: [RunningBuild | BuildRecord] }>()
  readonly #waiting = new Map<string, Set<(job: Job) => void>>()

  constructor() {
    this.#changed.setMaxListeners(0)
  }

  add(build: RunningBuild, job: Job): Disposable {
    const { ref } = build
    if (this.#running.has(ref)) throw new EngineError('conflict', `job ${ref} already exists`)
    this.#jobs.set(ref, job)
    this.#running.set(ref, build)
    this.#changed.emit('change', build)
    for (const resolve of this.#waiting.get(ref) ?? []) resolve(job)
    this.#waiting.delete(ref)
    return {
      [Symbol.dispose]: () => {
        this.#running.delete(ref)
        setTimeout(() => {
          if (this.#jobs.get(ref) === job) this.#jobs.delete(ref)
        }, lingerMillis).unref()
      },
    }
  }

  running(): readonly RunningBuild[] {
    return [...this.#running.values()]
  }

  /** Tells those who listen that a build is over. */
  ended(record: BuildRecord): void {
    this.#changed.emit('change', record)
  }

  /** Builds that begin or end from now on. */
  async *changes(signal: AbortSignal): AsyncGenerator<RunningBuild | BuildRecord> {
    try {
      for await (const [change] of on(this.#changed, 'change', { signal })) yield change as RunningBuild | BuildRecord
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  /** Calls about a build may come a moment before it. */
  async get(ref: string): Promise<Job> {
    const found = this.#jobs.get(ref)
    if (found) return found
    const { promise, resolve, reject } = Promise.withResolvers<Job>()
    const waiting = this.#waiting.get(ref) ?? new Set()
    this.#waiting.set(ref, waiting.add(resolve))
    const timer = setTimeout(() => {
      waiting.delete(resolve)
      if (waiting.size === 0) this.#waiting.delete(ref)
      reject(new EngineError('not-found', `no such job ${ref}`))
    }, waitMillis)
    return promise.finally(() => clearTimeout(timer))
  }
}
