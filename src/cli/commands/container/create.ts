import { existsSync, writeFileSync } from 'node:fs'
import { isEngineError, messageOf } from '../../../base/errors.ts'
import { formatFamiliar, parseReference, withDefaultTag } from '../../../spec/reference.ts'
import { type Context, command } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import { proxyVariables } from '../../options/environment.ts'
import { parsePlatform } from '../../options/platform.ts'
import { pullImage } from '../image/pull.ts'
import { shareCredentials } from './api-socket.ts'
import { createFlags } from './create-flags.ts'
import { type Streams, streamsOf, toCreateRequest } from './create-request.ts'

export type CreateContext = Context<typeof createFlags>

/** The error as `run` and `create` show it. */
export const helpful = (error: unknown, path: string, code = 125): ExitError =>
  new ExitError(code, `docker: ${messageOf(error)}\n\nRun 'docker ${path} --help' for more information`, {
    cause: error,
  })

function checkIdFile(path: string): void {
  if (path && existsSync(path))
    throw new ExitError(125, `container ID file found, make sure the other container isn't running or delete ${path}`)
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
    ...(flags['use-api-socket'] ? ['DOCKER_CONFIG=/run/secrets/docker'] : []),
  ]
  const request = toCreateRequest(flags, changed, args, config.environment, streams, environment)
  const platform = flags.platform || config.env('DOCKER_DEFAULT_PLATFORM') || ''
  if (platform) parsePlatform(platform)
  checkImage(args[0]!)
  checkIdFile(flags.cidfile)
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
  if (flags.cidfile) writeFileSync(flags.cidfile, created.Id!)
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
