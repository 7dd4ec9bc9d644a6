import { messageOf } from '../../../base/errors.ts'
import { command } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import { followSize, joinStreams } from '../../terminal/session.ts'
import { proxySignals } from './run.ts'

export const start = command({
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  summary: 'Start containers that are stopped',
  aliases: ['container start', 'start'],
  minArgs: 1,
  complete: 'container',
  flags: {
    attach: { type: 'bool', short: 'a', help: 'Show its output and pass signals on' },
    checkpoint: { type: 'string', help: 'Checkpoint to go on from' },
    'checkpoint-dir': { type: 'string', help: 'Folder of the checkpoints' },
    'detach-keys': { type: 'string', help: 'Keys that detach' },
    interactive: { type: 'bool', short: 'i', help: 'Send it our standard input' },
  },
  async run({ args, config, engine, err, flags, out }) {
    if (flags.attach || flags.interactive) {
      if (args.length > 1) throw new ExitError(1, 'you cannot start and attach multiple containers at once')
      const { Config, HostConfig, Id } = await engine.containers.inspect(args[0]!)
      const stdin = flags.interactive && Config?.OpenStdin === true
      const { stream } = await engine.containers.attach(Id!, {
        logs: false,
        stream: true,
        stdin,
        stdout: true,
        stderr: true,
      })
      const { exit } = await engine.containers.wait(Id!, HostConfig?.AutoRemove ? 'removed' : 'next-exit')
      await engine.containers.start(Id!)
      const tty = Config?.Tty === true
      using _signals = tty ? undefined : proxySignals(engine, Id!)
      using _size = tty ? followSize(size => engine.containers.resize(Id!, size)) : undefined
      const detachKeys = flags['detach-keys'] || config.file.detachKeys || 'ctrl-p,ctrl-q'
      await joinStreams({ stream, tty, stdin, detachKeys, out, err })
      return (await exit).StatusCode
    }
    let isFailed = false
    for (const id of args) {
      try {
        await engine.containers.start(id, { checkpoint: flags.checkpoint, checkpointDir: flags['checkpoint-dir'] })
        out.line(id)
      } catch (error) {
        err.line(messageOf(error))
        isFailed = true
      }
    }
    if (isFailed) throw new ExitError(1, `failed to start containers: ${args.join(', ')}`)
    return 0
  },
})
