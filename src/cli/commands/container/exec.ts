import { command } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import { followSize, joinStreams } from '../../terminal/session.ts'

export const exec = command({
  usage: '[OPTIONS] CONTAINER COMMAND [ARG...]',
  summary: 'Run a further command in a running container',
  aliases: ['container exec', 'exec'],
  minArgs: 2,
  stopAtFirst: true,
  complete: 'container',
  flags: {
    detach: { type: 'bool', short: 'd', help: 'Leave it running' },
    'detach-keys': { type: 'string', help: 'Keys that detach' },
    env: { type: 'list', short: 'e', help: 'Environment variable' },
    interactive: { type: 'bool', short: 'i', help: 'Keep standard input open' },
    privileged: { type: 'bool', help: 'Take away all fences' },
    tty: { type: 'bool', short: 't', help: 'Give it a terminal' },
    user: { type: 'string', short: 'u', help: 'User to run as (name|uid[:group|gid])' },
    workdir: { type: 'string', short: 'w', help: 'Folder to start in' },
  },
  async run({ args: [id = '', ...words], config, engine, err, flags, out }) {
    if (flags.tty && flags.interactive && !flags.detach && !process.stdin.isTTY)
      throw new ExitError(1, 'the input device is not a TTY')
    await engine.containers.inspect(id)
    const detachKeys = flags['detach-keys'] || config.file.detachKeys || ''
    const { Id } = await engine.execs.create(id, {
      User: flags.user,
      Privileged: flags.privileged,
      Tty: flags.tty,
      AttachStdin: flags.interactive && !flags.detach,
      AttachStderr: !flags.detach,
      AttachStdout: !flags.detach,
      DetachKeys: detachKeys,
      Env: flags.env.length ? flags.env : null,
      WorkingDir: flags.workdir,
      Cmd: words,
    })
    const attached = await engine.execs.start(Id, { detach: flags.detach, tty: flags.tty })
    if (!attached) return 0
    using _size = flags.tty ? followSize(size => engine.execs.resize(Id, size)) : undefined
    await joinStreams({
      stream: attached.stream,
      tty: flags.tty,
      stdin: flags.interactive,
      detachKeys: detachKeys || 'ctrl-p,ctrl-q',
      out,
      err,
    })
    return (await engine.execs.inspect(Id)).ExitCode ?? 0
  },
})
