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

/** Prints what the engine says; with `--quiet` it is kept until something fails. */
function listener({ flags, out }: BuildCommand) {
  const print = progressPrinter(out)
  const held: ProgressMessage[] = []
  let imageId = ''
  const hear = (message: ProgressMessage) => {
    const id = (message.aux as { ID?: string } | undefined)?.ID
    if (id) imageId = id
    if (flags.quiet) held.push(message)
    else print(message)
  }
  const said = () => held.map(({ stream = '' }) => stream).join('')
  return { hear, said, imageId: () => imageId || said() }
}

/** The context as it goes over the wire. */
function bodyOf({ flags, out }: BuildCommand, tar: Readable): Readable {
  const stages = [...(flags.quiet ? [] : [contextMeter(out)]), ...(flags.compress ? [createGzip()] : [])]
  // an error of one is the error of the last, which the request hears of
  return stages.length === 0 ? tar : (pipeline([tar, ...stages], () => {}) as unknown as Readable)
}

async function build(context: BuildCommand): Promise<void> {
  const { config, engine, err, flags, out } = context
  if (flags.iidfile) rmSync(flags.iidfile, { force: true })
  using scope = new DisposableStack()
  const source = await openContext(context, scope)
  const { hear, imageId, said } = listener(context)
  const request = {
    method: 'POST',
    path: '/build',
    query: toBuildQuery(flags, source, config, engine.host),
    headers: { 'Content-Type': 'application/x-tar', 'X-Registry-Config': registryConfig(config) },
    ...(source.tar ? { body: bodyOf(context, source.tar) } : {}),
  }
  try {
    await engine.requestProgress(request, hear)
  } catch (error) {
    if (flags.quiet) err.write(said())
    const code = /returned a non-zero code: (\d+)$/.exec((error as Error).message)?.[1]
    throw new ExitError(code ? Number(code) : 1, (error as Error).message)
  }
  if (flags.quiet) out.write(said())
  if (flags.iidfile) {
    if (!imageId()) throw new ExitError(1, `server did not provide an image ID. Cannot write ${flags.iidfile}`)
    writeFileSync(flags.iidfile, imageId())
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
