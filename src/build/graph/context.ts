import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { MountedTree } from '../../snapshot/mounted-tree.ts'
import type { BuildClient } from '../../spec/engine-api/solver.ts'
import type { BuildContext } from '../context.ts'
import type { BuildDeps } from '../deps.ts'
import type { ClientDirectories, ReceivedDirectory } from './directories.ts'
import { readIgnored } from './files.ts'
import type { GraphOptions } from './options.ts'
import type { Progress, StepProgress } from './progress.ts'
import { hashReceived } from './received-hash.ts'

export interface ContextNeeds {
  readonly deps: BuildDeps
  readonly directories: ClientDirectories
  readonly client: BuildClient
  readonly options: GraphOptions
  readonly progress: Progress
  readonly dockerfile: string
  /** what not to send, as the file beside the Dockerfile has it */
  readonly ownRules: string | undefined
}

/** The client's directory as the context of a build, received when the first step needs it. */
export class ClientContext implements BuildContext {
  readonly dockerfile: string
  readonly fileName: string
  readonly scratch: string
  readonly #needs: ContextNeeds
  readonly #undo = new DisposableStack()
  #received: Promise<ReceivedDirectory> | undefined
  #path = ''
  #files: ReceivedDirectory['files'] | undefined
  #seconds: number | undefined
  #follow: readonly string[] | undefined
  #exclude: readonly string[] = []
  step: StepProgress | undefined

  constructor(needs: ContextNeeds) {
    this.#needs = needs
    this.dockerfile = needs.dockerfile
    this.fileName = needs.options.fileName
    this.scratch = mkdtempSync(join(needs.deps.dir, 'build-'))
    this.#undo.defer(() => rmSync(this.scratch, { recursive: true, force: true }))
  }

  /**
   * @param follow what the steps of this build read; undefined is everything
   * @param seconds the time that files get instead of their own
   */
  async prepare(follow: readonly string[] | undefined, seconds?: number): Promise<void> {
    this.#seconds = seconds
    const { client, options, progress, ownRules } = this.#needs
    this.#follow = follow
    this.#exclude = await readIgnored(client, options, progress, ownRules)
  }

  /** what the client is not to send; only after prepare() */
  get excluded(): readonly string[] {
    return this.#exclude
  }

  async ready(): Promise<void> {
    this.#received ??= this.#receive()
    const { path, files } = await this.#received
    this.#path = path
    this.#files = files
  }

  async #receive(): Promise<ReceivedDirectory> {
    const { directories, client, options, progress } = this.#needs
    const step = this.step ?? progress.step('[internal] load build context')
    step.start()
    try {
      const wanted = {
        follow: this.#follow ?? [],
        exclude: this.#exclude,
        seconds: this.#seconds,
        signal: options.signal,
      }
      const received = await directories.receive(client, options.contextDirectory, wanted, step, 'context')
      this.#undo.use(received)
      step.complete()
      return received
    } catch (error) {
      step.fail(error)
      throw error
    }
  }

  readonly isFrozen = true

  hashOf(path: string): string | undefined {
    return this.#files && hashReceived(this.#files, path)
  }

  path(): string {
    return this.#path
  }

  /** Only after ready(). */
  open(): MountedTree {
    return new MountedTree({ type: 'bind', source: this.#path, options: [] }, this.#needs.deps.dir)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#received?.catch(() => {})
    this.#undo.dispose()
  }
}
