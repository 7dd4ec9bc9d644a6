import { type Context, command } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import { envVariable } from '../../options/checks.ts'
import { detachKeys } from '../../options/common.ts'
import { readEnvironment } from '../../options/environment.ts'
import { followSize, joinStreams } from '../../terminal/session.ts'
import { DetachedError, requireTerminal } from '../../terminal/stream.ts'
import { orNull } from './create-request.ts'

const flags = {
  detach: { type: 'bool', short: 'd', help: 'Leave it running' },
  'detach-keys': detachKeys,
  env: { type: 'list', short: 'e', help: 'Environment variable', since: '1.25', check: envVariable },
  'env-file': { type: 'list', help: 'File of environment variables', since: '1.25' },
  interactive: { type: 'bool', short: 'i', help: 'Keep standard input open' },
  privileged: { type: 'bool', help: 'Take away all fences' },
  tty: { type: 'bool', short: 't', help: 'Give it a terminal' },
  user: { type: 'string', short: 'u', help: 'User to run as (name|uid[:group|gid])' },
  workdir: { type: 'string', short: 'w', help: 'Folder to start in', since: '1.35' },
} as const

type ExecContext = Context<typeof flags>

/** Without a window here the size is said to be unknown, as Docker does. */
const windowSize = ({ flags, out }: ExecContext): { readonly ConsoleSize?: readonly number[] } =>
  flags.tty ? { ConsoleSize: out.isTerminal ? [out.rows, out.columns] : [0, 0] } : {}

const toExecConfig = (context: ExecContext) => {
  const { args, config, flags } = context
  return {
    User: flags.user,
    Privileged: flags.privileged,
    Tty: flags.tty,
    ...(flags.detach ? {} : windowSize(context)),
    AttachStdin: flags.interactive && !flags.detach,
    AttachStderr: !flags.detach,
    AttachStdout: !flags.detach,
    Detach: false,
    DetachKeys: flags['detach-keys'] || config.file.detachKeys || '',
    Env: orNull(readEnvironment(flags['env-file'], flags.env, config.environment)),
    WorkingDir: flags.workdir,
    Cmd: args.slice(1),
  }
}

async function attach(context: ExecContext, id: string): Promise<number> {
  const { config, engine, err, flags, out } = context
  const { ConsoleSize } = windowSize(context)
  const attached = await engine.execs.start(id, { detach: false, tty: flags.tty, consoleSize: ConsoleSize })
  using _size = flags.tty && out.isTerminal ? followSize(size => engine.execs.resize(id, size)) : undefined
  const keys = flags['detach-keys'] || config.file.detachKeys
  try {
    await joinStreams({
      stream: attached!.stream,
      tty: flags.tty,
      stdin: flags.interactive,
      detachKeys: keys,
      out,
      err,
    })
  } catch (error) {
    if (error instanceof DetachedError) return 0
    throw error
  }
  return (await engine.execs.inspect(id)).ExitCode ?? 0
}

export const exec = command({
  usage: '[OPTIONS] CONTAINER COMMAND [ARG...]',
  summary: 'Run a further command in a running container',
  aliases: ['container exec', 'exec'],
  minArgs: 2,
  stopAtFirst: true,
  complete: 'container',
  flags,
  async run(context) {
    const { args, engine, flags } = context
    const config = toExecConfig(context)
    await engine.containers.inspect(args[0]!)
    if (!flags.detach && flags.interactive && flags.tty) requireTerminal()
    const { Id } = await engine.execs.create(args[0]!, config)
    if (!Id) throw new ExitError(1, 'exec ID empty')
    if (!flags.detach) return attach(context, Id)
    await engine.execs.start(Id, { detach: true, tty: flags.tty })
    return 0
  },
})
