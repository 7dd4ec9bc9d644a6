import { StringDecoder } from 'node:string_decoder'
import { type Digest, shortId } from '../../spec/digest.ts'
import type { BuildOutput } from '../../spec/engine-api/build-verbs.ts'
import type { StepReport } from '../graph/progress.ts'
import type { Stack } from '../graph/run-steps.ts'
import type { FileStep } from '../graph/stages.ts'
import { Turn } from './turn.ts'

/** What became of a step that may change files. */
export interface Made {
  readonly stack: Stack
  /** as its entry of the history says it */
  readonly createdBy: string
  /** undefined: it changed nothing */
  readonly diffId: Digest | undefined
  /** an earlier result did */
  readonly isCached: boolean
}

/** A step in the words of the classic builder. */
export class StepLog implements StepReport {
  readonly turn = new Turn()
  readonly name: string
  readonly #inContainer: boolean
  readonly #removes: boolean
  readonly #decoders = { stdout: new StringDecoder(), stderr: new StringDecoder() }
  readonly #result = Promise.withResolvers<Made>()
  #made: Made | undefined
  #isCached = false
  #id = ''

  /** @param removes whether containers are said to go */
  constructor({ title, step }: FileStep, removes: boolean) {
    this.name = title
    this.#inContainer = step.inContainer
    this.#removes = removes
    this.#result.promise.catch(() => {})
  }

  get result(): Promise<Made> {
    return this.#result.promise
  }

  /** undefined before it is done */
  get known(): Made | undefined {
    return this.#made
  }

  start(id: string): void {
    this.#id = id
    if (this.#inContainer) this.text(` ---> Running in ${shortId(id)}\n`)
  }

  cached(): void {
    this.#isCached = true
    this.text(' ---> Using cache\n')
  }

  complete(): void {
    if (this.#inContainer && this.#removes) this.text(` ---> Removed intermediate container ${shortId(this.#id)}\n`)
  }

  made(stack: Stack, createdBy: string, diffId: Digest | undefined): void {
    this.#made = { stack, createdBy, diffId, isCached: this.#isCached }
    this.#result.resolve(this.#made)
  }

  fail(error: unknown): void {
    this.#result.reject(error)
  }

  output(chunk: Uint8Array, output: BuildOutput): void {
    const text = this.#decoders[output].write(chunk)
    if (text) this.text(output === 'stderr' ? `\u001b[91m${text}\u001b[0m` : text)
  }

  text(stream: string): void {
    this.turn.send({ stream })
  }
}
