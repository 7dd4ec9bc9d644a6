import { randomBytes } from 'node:crypto'
import { messageOf } from '../../base/errors.ts'
import { type Digest, digestOf } from '../../spec/digest.ts'
import type { BuildOutput } from '../../spec/engine-api/build-verbs.ts'
import type { SolveProgress, SourceExcerpt, Vertex } from '../../spec/engine-api/solver.ts'
import type { Stack } from './run-steps.ts'

type Send = (progress: SolveProgress) => void

/** What one build tells its client: steps, with what happens in each. */
export class Progress {
  readonly #send: Send
  readonly #salt = randomBytes(8).toString('hex')
  #count = 0

  constructor(send: Send) {
    this.#send = send
  }

  /** @param inputs the steps that this one waits for */
  step(name: string, inputs: readonly StepProgress[] = []): StepProgress {
    const digest = digestOf(`${this.#salt} ${this.#count++} ${name}`)
    return new StepProgress(this.#send, { digest, name, inputs: inputs.map(input => input.digest) })
  }

  /** Runs `body` as a step. */
  async during<T>(name: string, body: (step: StepProgress) => Promise<T>): Promise<T> {
    const step = this.step(name)
    step.start()
    try {
      const result = await body(step)
      step.complete()
      return result
    } catch (error) {
      step.fail(error)
      throw error
    }
  }
}

/** What the making of a step tells of itself. */
export interface StepReport {
  readonly name: string
  /** @param id of the container */
  start(id: string): void
  /** an earlier result did */
  cached(): void
  complete(): void
  fail(error: unknown): void
  output(chunk: Uint8Array, output: BuildOutput): void
  /** The layer is there; `diffId` is undefined when it would have held nothing and was left out. */
  made?(stack: Stack, createdBy: string, diffId: Digest | undefined): void
}

export class StepProgress implements StepReport {
  readonly #send: Send
  #vertex: Vertex

  constructor(send: Send, vertex: Vertex) {
    this.#send = send
    this.#vertex = vertex
  }

  get digest(): string {
    return this.#vertex.digest
  }

  get name(): string {
    return this.#vertex.name
  }

  #update(change: Partial<Vertex>): void {
    this.#vertex = { ...this.#vertex, ...change }
    this.#send({ vertexes: [this.#vertex] })
  }

  announce(): void {
    this.#update({})
  }

  start(): void {
    this.#update({ started: now() })
  }

  complete(): void {
    this.#update({ completed: now() })
  }

  /** An earlier result did. */
  cached(): void {
    const at = now()
    this.#update({ cached: true, started: this.#vertex.started ?? at, completed: at })
  }

  fail(error: unknown): void {
    const started = this.#vertex.started ?? now()
    this.#update({ started, completed: now(), error: messageOf(error) })
  }

  /** A part of the step that counts; call the result with how far it is, and `done` at the end. */
  status(id: string, name = ''): (current: number, total?: number, done?: boolean) => void {
    const started = now()
    return (current, total = 0, done = false) => {
      const at = now()
      const completed = done ? { completed: at } : {}
      this.#send({
        statuses: [{ ID: id, vertex: this.digest, name, current, total, timestamp: at, started, ...completed }],
      })
    }
  }

  /** A part of the step that only begins and ends. */
  async part<T>(id: string, body: () => Promise<T> | T): Promise<T> {
    const report = this.status(id)
    report(0)
    const result = await body()
    report(0, 0, true)
    return result
  }

  output(chunk: Uint8Array, output: BuildOutput): void {
    this.#send({ logs: [{ vertex: this.digest, timestamp: now(), stream: output === 'stderr' ? 2 : 1, msg: chunk }] })
  }

  warn(short: string, detail: readonly string[], url: string, source: SourceExcerpt): void {
    this.#send({ warnings: [{ vertex: this.digest, level: 1, short, detail, url, source }] })
  }
}

/** Milliseconds since 1970, with fractions. */
const now = (): number => performance.timeOrigin + performance.now()
