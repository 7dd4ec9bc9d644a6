import { closeSync, existsSync, openSync, rmSync, writeSync } from 'node:fs'
import { isEngineError, messageOf } from '../../../base/errors.ts'
import { formatFamiliar, parseReference, withDefaultTag } from '../../../spec/reference.ts'
import { type Context, command } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import { proxyVariables } from '../../options/environment.ts'
import { parsePlatform } from '../../options/platform.ts'
import { openFailure } from '../../terminal/file.ts'
import { pullImage } from '../image/pull.ts'
import { hasCredentials, shareCredentials } from './api-socket.ts'
import { createFlags } from './create-flags.ts'
import { type Streams, streamsOf, toCreateRequest } from './create-request.ts'

export type CreateContext = Context<typeof createFlags>

/** The error as `run` and `create` show it. */
export const helpful = (error: unknown, path: string, code = 125): ExitError =>
  new ExitError(code, `docker: ${messageOf(error)}\n\nRun 'docker ${path} --help' for more information`, {
    cause: error,
  })

/** Docker's codes for a start that fails: 127 when something is not there, 126 when it may not be used, else 125. */
export function startFailureCode(text: string): number {
  if (/executable file not found|no such file or directory|system cannot find the file specified/.test(text)) return 127
  return /permission denied|is a directory/.test(text) ? 126 : 125
}

/** `--cidfile`: opened before there is a container, and gone again when none was made. */
class IdFile implements Disposable {
  readonly #path: string
  readonly #fd: number | undefined
  #isWritten = false

  constructor(path: string) {
    this.#path = path
    if (path && existsSync(path))
      throw new Error(`container ID file found, make sure the other container isn't running or delete ${path}`)
    try {
      this.#fd = path ? openSync(path, 'wx', 0o666) : undefined
    } catch (error) {
      const text = `failed to create the container ID file: open ${path}: ${openFailure(error)}`
      throw new Error(text, { cause: error })
    }
  }

  write(id: string): void {
    if (this.#fd !== undefined) writeSync(this.#fd, id)
    this.#isWritten = true
  }

  [Symbol.dispose](): void {
    if (this.#fd === undefined) return
    closeSync(this.#fd)
    if (!this.#isWritten) rmSync(this.#path, { force: true })
  }
}

/** An id passes as it is. */
function checkImage(name: string): void {
  if (/^(sha256:)?[0-9a-f]{64}$/.test(name)) return
  try {
    parseReference(name)
  } catch (error) {
    throw new ExitError(125, messageOf(error))
  }
}

const isImageMissing = (error: unknown, reference: string): boolean =>
  isEngineError(error, 'not-found') &&
  messageOf(error).includes(`No such image: ${formatFamiliar(withDefaultTag(parseReference(reference)))}`)

/** Makes the container, fetching its image first where it is missing. */
export async function createContainer(context: CreateContext, streams: Streams): Promise<string> {
  const { args, changed, config, engine, err, flags } = context
  const environment = (given: readonly string[]) => [
    ...proxyVariables(config.file.proxies, engine.host, given),
    ...(flags['use-api-socket'] && hasCredentials(config) ? ['DOCKER_CONFIG=/run/secrets/docker'] : []),
  ]
  const request = toCreateRequest(flags, changed, args, config.environment, streams, environment)
  const platform = flags.platform || config.env('DOCKER_DEFAULT_PLATFORM') || ''
  if (platform) parsePlatform(platform)
  checkImage(args[0]!)
  using idFile = new IdFile(flags.cidfile)
  const body = { ...request, ...(platform ? { platform } : {}), apiVersion: await engine.apiVersion() }
  const reference = args[0]!
  const pull = () => pullImage(engine, config, reference, { platform, out: err, quiet: flags.quiet })
  if (flags.pull === 'always') await pull()
  let created: Awaited<ReturnType<typeof engine.containers.create>>
  try {
    created = await engine.containers.create(body)
  } catch (error) {
    if (flags.pull !== 'missing' || !isImageMissing(error, reference)) throw error
    if (!flags.quiet)
      err.line(`Unable to find image '${formatFamiliar(withDefaultTag(parseReference(reference)))}' locally`)
    await pull()
    created = await engine.containers.create(body)
  }
  for (const warning of created.Warnings ?? []) err.line(`WARNING: ${warning}`)
  idFile.write(created.Id!)
  if (flags['use-api-socket']) await shareCredentials(engine, config, created.Id!)
  return created.Id!
}

export const create = command({
  usage: '[OPTIONS] IMAGE [COMMAND] [ARG...]',
  summary: 'Make a container without starting it',
  aliases: ['container create', 'create'],
  minArgs: 1,
  stopAtFirst: true,
  complete: 'image',
  flags: createFlags,
  async run(context) {
    try {
      const id = await createContainer(context, streamsOf(context.flags))
      context.out.line(id)
    } catch (error) {
      throw error instanceof ExitError && error.code === 125 ? helpful(error, 'create') : error
    }
  },
})
