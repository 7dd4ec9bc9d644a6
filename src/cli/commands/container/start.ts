import { messageOf } from '../../../base/errors.ts'
import { type Context, command } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import { detachKeys } from '../../options/common.ts'
import { followSize, joinStreams } from '../../terminal/session.ts'
import { proxySignals } from '../../terminal/signals.ts'
import { DetachedError, requireTerminal } from '../../terminal/stream.ts'

const flags = {
  attach: { type: 'bool', short: 'a', help: 'Show its output and pass signals on' },
  checkpoint: { type: 'string', help: 'Checkpoint to go on from', experimental: true },
  'checkpoint-dir': { type: 'string', help: 'Folder of the checkpoints', experimental: true },
  'detach-keys': detachKeys,
  interactive: { type: 'bool', short: 'i', help: 'Send it our standard input' },
} as const

type StartContext = Context<typeof flags>

const checkpointOf = ({ flags }: StartContext) => ({
  ...(flags.checkpoint ? { checkpoint: flags.checkpoint } : {}),
  ...(flags['checkpoint-dir'] ? { checkpointDir: flags['checkpoint-dir'] } : {}),
})

async function startAttached(context: StartContext): Promise<number> {
  const { args, config, engine, err, flags, out } = context
  const { Config, HostConfig, Id = '' } = await engine.containers.inspect(args[0]!)
  const tty = Config?.Tty === true
  const stdin = flags.interactive && Config?.OpenStdin === true
  const keys = flags['detach-keys'] || config.file.detachKeys
  using _signals = tty ? undefined : proxySignals(engine, Id)
  if (stdin && tty) requireTerminal()
  const options = { logs: false, stream: true, stdin, stdout: true, stderr: true, detachKeys: keys }
  const { stream } = await engine.containers.attach(Id, options)
  const { exit } = await engine.containers.wait(Id, HostConfig?.AutoRemove ? 'removed' : 'next-exit')
  try {
    await engine.containers.start(Id, checkpointOf(context))
  } catch (error) {
    stream.destroy()
    if (HostConfig?.AutoRemove) await exit.catch(() => {})
    throw error
  }
  using _size = tty && out.isTerminal ? followSize(size => engine.containers.resize(Id, size)) : undefined
  try {
    await joinStreams({ stream, tty, stdin, detachKeys: keys, out, err })
  } catch (error) {
    if (error instanceof DetachedError) return 0
    throw error
  }
  return (await exit).StatusCode ?? 0
}

async function startAll(context: StartContext): Promise<void> {
  const { args, engine, err, out } = context
  const failed: string[] = []
  for (const id of args) {
    try {
      await engine.containers.start(id)
      out.line(id)
    } catch (error) {
      err.line(messageOf(error))
      failed.push(id)
    }
  }
  if (failed.length) throw new ExitError(1, `failed to start containers: ${failed.join(', ')}`)
}

export const start = command({
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  summary: 'Start containers that are stopped',
  aliases: ['container start', 'start'],
  minArgs: 1,
  complete: 'container',
  flags,
  async run(context) {
    const { args, engine, flags } = context
    if (flags.attach || flags.interactive) {
      if (args.length > 1) throw new ExitError(1, 'you cannot start and attach multiple containers at once')
      return startAttached(context)
    }
    if (!flags.checkpoint) return startAll(context)
    if (args.length > 1) throw new ExitError(1, 'you cannot restore multiple containers at once')
    return engine.containers.start(args[0]!, checkpointOf(context))
  },
})
