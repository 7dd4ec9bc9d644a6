import { writeFileSync } from 'node:fs'
import { isEngineError, messageOf } from '../../../base/errors.ts'
import { formatFamiliar, formatReference, parseReference, withDefaultTag } from '../../../spec/reference.ts'
import { type Context, command } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import { followSize, joinStreams } from '../../terminal/session.ts'
import { DetachedError } from '../../terminal/stream.ts'
import { pullImage } from '../image/pull.ts'
import { createFlags } from './create-flags.ts'
import { toCreateRequest } from './create-request.ts'

const runFlags = {
  ...createFlags,
  detach: { type: 'bool', short: 'd', help: 'Leave it running and print its id' },
  'detach-keys': { type: 'string', help: 'Keys that detach' },
  'sig-proxy': { type: 'bool', help: 'Pass signals on to the process', default: true },
} as const

type CreateContext = Context<typeof createFlags>

async function createContainer(
  { args, changed, config, engine, err, flags }: CreateContext,
  attach: { stdin: boolean; output: boolean },
): Promise<string> {
  const request = {
    ...toCreateRequest(flags, changed, args, config.environment, attach),
    apiVersion: await engine.apiVersion(),
  }
  const reference = args[0]!
  const pull = () => pullImage(engine, config, reference, { platform: flags.platform, out: err, quiet: flags.quiet })
  if (flags.pull === 'always') await pull()
  let created: Awaited<ReturnType<typeof engine.containers.create>>
  try {
    created = await engine.containers.create(request)
  } catch (error) {
    if (!isEngineError(error, 'not-found') || flags.pull !== 'missing') throw error
    if (!flags.quiet)
      err.line(`Unable to find image '${formatFamiliar(withDefaultTag(parseReference(reference)))}' locally`)
    await pull()
    created = await engine.containers.create(request)
  }
  for (const warning of created.Warnings ?? []) err.line(`WARNING: ${warning}`)
  if (flags.cidfile) writeFileSync(flags.cidfile, created.Id!)
  return created.Id!
}

/** 127 when the program is not there, 126 when it may not be run, else 125. */
function failureCode(text: string): number {
  if (/executable file not found|no such file or directory|system cannot find the file specified/.test(text)) return 127
  return /permission denied|is a directory/.test(text) ? 126 : 125
}

const failed = (error: unknown, path: string): ExitError =>
  error instanceof ExitError && error.code !== 125
    ? error
    : new ExitError(
        failureCode(messageOf(error)),
        `docker: ${messageOf(error)}\n\nRun 'docker ${path} --help' for more information`,
      )

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const

/** Signals that reach us go to the container while it runs. */
export function proxySignals(engine: CreateContext['engine'], id: string): Disposable {
  const handlers = forwarded.map(name => {
    const handler = () => void engine.containers.kill(id, name.slice(3)).catch(() => {})
    process.on(name, handler)
    return [name, handler] as const
  })
  return {
    [Symbol.dispose]() {
      for (const [name, handler] of handlers) process.off(name, handler)
    },
  }
}

async function runAttached(context: Context<typeof runFlags>, id: string): Promise<number> {
  const { config, engine, err, flags, out } = context
  const { stream } = await engine.containers.attach(id, {
    logs: false,
    stream: true,
    stdin: flags.interactive,
    stdout: true,
    stderr: true,
  })
  const { exit } = await engine.containers.wait(id, flags.rm ? 'removed' : 'next-exit')
  const detachKeys = flags['detach-keys'] || config.file.detachKeys || 'ctrl-p,ctrl-q'
  using _signals = flags['sig-proxy'] && !flags.tty ? proxySignals(engine, id) : undefined
  try {
    await engine.containers.start(id)
  } catch (error) {
    stream.destroy()
    if (flags.rm) await exit.catch(() => {})
    throw error
  }
  using _size = flags.tty ? followSize(size => engine.containers.resize(id, size)) : undefined
  try {
    await joinStreams({ stream, tty: flags.tty, stdin: flags.interactive, detachKeys, out, err })
  } catch (error) {
    if (error instanceof DetachedError) return 0
    throw error
  }
  return (await exit).StatusCode ?? 0
}

export const run = command({
  usage: '[OPTIONS] IMAGE [COMMAND] [ARG...]',
  summary: 'Make a container from an image and start it',
  aliases: ['container run', 'run'],
  minArgs: 1,
  stopAtFirst: true,
  complete: 'image',
  flags: runFlags,
  async run(context) {
    const { engine, flags, out, path } = context
    if (flags.tty && flags.interactive && !flags.detach && !process.stdin.isTTY)
      throw new ExitError(1, 'the input device is not a TTY')
    try {
      const id = await createContainer(context as unknown as CreateContext, {
        stdin: flags.interactive && !flags.detach,
        output: !flags.detach,
      })
      if (!flags.detach) return await runAttached(context, id)
      await engine.containers.start(id)
      out.line(id)
      return 0
    } catch (error) {
      throw failed(error, path)
    }
  },
})

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
      context.out.line(await createContainer(context, { stdin: context.flags.interactive, output: true }))
    } catch (error) {
      throw failed(error, context.path)
    }
  },
})

/** The full name that `pull` prints at its end. */
export const fullName = (text: string): string => formatReference(withDefaultTag(parseReference(text)))
