import { messageOf } from '../../../base/errors.ts'
import { type Context, command } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import { detachKeys } from '../../options/common.ts'
import { followSize, joinStreams } from '../../terminal/session.ts'
import { proxySignals } from '../../terminal/signals.ts'
import { DetachedError, requireTerminal } from '../../terminal/stream.ts'
import { type CreateContext, createContainer, helpful, startFailureCode } from './create.ts'
import { createFlags } from './create-flags.ts'
import { type Streams, streamsOf } from './create-request.ts'

const runFlags = {
  ...createFlags,
  detach: { type: 'bool', short: 'd', help: 'Leave it running and print its id' },
  'detach-keys': detachKeys,
  'sig-proxy': { type: 'bool', help: 'Pass signals on to the process', default: true },
} as const

type RunContext = Context<typeof runFlags>

const noStreams: Streams = { stdin: false, stdout: false, stderr: false }

/** Starts it; a failure waits for an automatic removal, so that the name is free again. */
async function startContainer({ engine, flags }: RunContext, id: string, exit: Promise<unknown>): Promise<void> {
  try {
    await engine.containers.start(id)
  } catch (error) {
    if (flags.rm) await exit.catch(() => {})
    throw helpful(error, 'run', startFailureCode(messageOf(error)))
  }
}

async function runAttached(context: RunContext, id: string, streams: Streams): Promise<number> {
  const { config, engine, err, flags, out } = context
  const keys = flags['detach-keys'] || config.file.detachKeys
  using _signals = flags['sig-proxy'] && !flags.tty ? proxySignals(engine, id) : undefined
  const { stream } = await engine.containers.attach(id, { logs: false, stream: true, ...streams, detachKeys: keys })
  const { exit } = await engine.containers.wait(id, flags.rm ? 'removed' : 'next-exit')
  try {
    await startContainer(context, id, exit)
  } catch (error) {
    stream.destroy()
    throw error
  }
  using _size = flags.tty && out.isTerminal ? followSize(size => engine.containers.resize(id, size)) : undefined
  if (!streams.stdout && !streams.stderr) out.line(id)
  try {
    await joinStreams({ stream, tty: flags.tty, stdin: streams.stdin, detachKeys: keys, out, err })
  } catch (error) {
    if (error instanceof DetachedError) return 0
    throw error
  }
  if (!streams.stdout && !streams.stderr) return 0
  return (await exit).StatusCode ?? 0
}

async function runDetached(context: RunContext, id: string): Promise<number> {
  const { engine, flags, out } = context
  const { exit } = await engine.containers.wait(id, flags.rm ? 'removed' : 'next-exit')
  await startContainer(context, id, exit)
  out.line(id)
  return 0
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
    const { flags } = context
    if (flags.detach && flags.attach.length)
      throw new ExitError(1, 'conflicting options: cannot specify both --attach and --detach')
    const streams = flags.detach ? noStreams : streamsOf(flags)
    if (streams.stdin && flags.tty) requireTerminal()
    let id: string
    try {
      id = await createContainer(context as unknown as CreateContext, streams)
    } catch (error) {
      if (!(error instanceof ExitError)) throw helpful(error, 'run', startFailureCode(messageOf(error)))
      throw error.code === 125 ? helpful(error, 'run') : error
    }
    return flags.detach ? runDetached(context, id) : runAttached(context, id, streams)
  },
})
