import { command } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import { detachKeys } from '../../options/common.ts'
import { followSize, joinStreams } from '../../terminal/session.ts'
import { proxySignals } from '../../terminal/signals.ts'
import { requireTerminal } from '../../terminal/stream.ts'

interface State {
  readonly Running?: boolean | undefined
  readonly Paused?: boolean | undefined
  readonly Restarting?: boolean | undefined
}

function checkState({ Paused, Restarting, Running }: State = {}): void {
  const refuse = (what: string) => new ExitError(1, `cannot attach to a ${what}`)
  if (!Running) throw refuse('stopped container, start it first')
  if (Paused) throw refuse('paused container, unpause it first')
  if (Restarting) throw refuse('restarting container, wait until it is running')
}

export const attach = command({
  usage: '[OPTIONS] CONTAINER',
  summary: 'Join our terminal or pipes to a running container',
  aliases: ['container attach', 'attach'],
  minArgs: 1,
  maxArgs: 1,
  complete: 'container',
  flags: {
    'detach-keys': detachKeys,
    'no-stdin': { type: 'bool', help: 'Do not send it our standard input' },
    'sig-proxy': { type: 'bool', help: 'Pass signals on to the process', default: true },
  },
  async run({ args: [id = ''], config, engine, err, flags, out }) {
    const waiting = engine.containers.wait(id, 'not-running')
    waiting.catch(() => {}) // the inspection tells what is wrong
    const { Config, State } = await engine.containers.inspect(id)
    checkState(State)
    const tty = Config?.Tty === true
    const stdin = !flags['no-stdin'] && Config?.OpenStdin === true
    if (stdin && tty) requireTerminal()
    const keys = flags['detach-keys'] || config.file.detachKeys
    using _signals = flags['sig-proxy'] && !tty ? proxySignals(engine, id) : undefined
    const { stream } = await engine.containers.attach(id, {
      logs: false,
      stream: true,
      stdin,
      stdout: true,
      stderr: true,
      detachKeys: keys,
    })
    checkState((await engine.containers.inspect(id)).State)
    using _size =
      tty && out.isTerminal ? followSize(size => engine.containers.resize(id, size), { nudge: true }) : undefined
    await joinStreams({ stream, tty, stdin, detachKeys: keys, out, err })
    const { Error: failure, StatusCode } = await (await waiting).exit
    if (failure?.Message) throw new ExitError(1, failure.Message)
    return StatusCode
  },
})
