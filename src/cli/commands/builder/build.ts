import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { pipeline, type Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { ProgressMessage } from '../../../spec/engine-api/engine.ts'
import { type BuildContext, fromFolder, fromStdin, isGitUrl, isUrl } from '../../build/context.ts'
import { checkOut } from '../../build/git.ts'
import { contextMeter } from '../../build/meter.ts'
import { toBuildQuery } from '../../build/query.ts'
import { registryConfig } from '../../build/registry-config.ts'
import { type Context, command } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import type { Output } from '../../output.ts'
import { progressPrinter } from '../../terminal/progress.ts'
import { buildFlags } from './build-flags.ts'

type BuildCommand = Context<typeof buildFlags>

const stdinText = (): Buffer => readFileSync(0)

async function openContext(
  { args: [source = ''], flags }: BuildCommand,
  scope: DisposableStack,
): Promise<BuildContext> {
  const file = flags.file
  if (source === '-') {
    if (file === '-') throw new ExitError(1, "invalid argument: can't use stdin for both build context and dockerfile")
    return fromStdin(file, process.stdin)
  }
  if (isGitUrl(source)) return fromFolder(scope.use(checkOut(source)).folder, file, stdinText)
  if (isUrl(source)) return { tar: undefined, dockerfile: file, remote: source }
  return fromFolder(source, file, stdinText)
}

/** Where progress goes; with `--quiet` it is kept until something fails. */
class Progress {
  readonly #out: Output
  readonly #isQuiet: boolean
  readonly #print: (message: ProgressMessage) => void
  #held = ''
  #said = ''
  #imageId = ''

  constructor({ flags, out }: BuildCommand) {
    this.#out = out
    this.#isQuiet = flags.quiet
    this.#print = progressPrinter(out)
  }

  readonly hear = (message: ProgressMessage): void => {
    const id = (message.aux as { ID?: string } | undefined)?.ID
    if (id) this.#imageId = id
    if (this.#isQuiet) this.#said += message.stream ?? ''
    else this.#print(message)
  }

  get isTerminal(): boolean {
    return !this.#isQuiet && this.#out.isTerminal
  }

  readonly write = (text: string): void => {
    if (this.#isQuiet) this.#held += text
    else this.#out.write(text)
  }

  /** What `--quiet` kept: all of it, for when the build fails. */
  get everything(): string {
    return this.#held + this.#said
  }

  get said(): string {
    return this.#said
  }

  get imageId(): string {
    return this.#imageId || this.#said
  }
}

/** The context as it goes over the wire. */
function bodyOf({ flags }: BuildCommand, tar: Readable, progress: Progress): Readable {
  const stages = [contextMeter(progress), ...(flags.compress ? [createGzip()] : [])]
  // an error of one is the error of the last, which the request hears of
  return pipeline([tar, ...stages], () => {}) as unknown as Readable
}

async function build(context: BuildCommand): Promise<void> {
  const { config, engine, err, flags, out } = context
  if (flags.iidfile) rmSync(flags.iidfile, { force: true })
  using scope = new DisposableStack()
  const source = await openContext(context, scope)
  const progress = new Progress(context)
  const request = {
    method: 'POST',
    path: '/build',
    query: toBuildQuery(flags, source, config, engine.host),
    headers: { 'Content-Type': 'application/x-tar', 'X-Registry-Config': registryConfig(config) },
    ...(source.tar ? { body: bodyOf(context, source.tar, progress) } : {}),
  }
  try {
    await engine.requestProgress(request, progress.hear)
  } catch (error) {
    if (flags.quiet) err.write(progress.everything)
    const code = /returned a non-zero code: (\d+)$/.exec((error as Error).message)?.[1]
    throw new ExitError(code ? Number(code) : 1, (error as Error).message)
  }
  if (flags.quiet) out.write(progress.said)
  if (flags.iidfile) {
    if (!progress.imageId) throw new ExitError(1, `server did not provide an image ID. Cannot write ${flags.iidfile}`)
    writeFileSync(flags.iidfile, progress.imageId)
  }
}

export const buildCommand = command({
  usage: '[OPTIONS] PATH | URL | -',
  summary: 'Make an image from a Dockerfile',
  aliases: ['image build', 'build', 'builder build'],
  minArgs: 1,
  maxArgs: 1,
  flags: buildFlags,
  run: build,
})
