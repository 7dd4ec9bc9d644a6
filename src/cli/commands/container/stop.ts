import { type Command, command } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import { each, many } from './each.ts'

const stopping = (verb: 'stop' | 'restart', summary: string): Command =>
  command({
    usage: `[OPTIONS] ${many}`,
    summary,
    aliases: [`container ${verb}`, verb],
    minArgs: 1,
    complete: 'container',
    flags: {
      signal: { type: 'string', short: 's', help: 'Signal that asks the container to end' },
      timeout: { type: 'int', short: 't', help: 'Seconds of patience before the container is killed' },
      time: { type: 'int', help: 'Old name of --timeout', hidden: true, deprecated: 'use --timeout instead' },
    },
    run: ({ args, changed, engine, flags, out }) => {
      if (changed.has('time') && changed.has('timeout'))
        throw new ExitError(1, 'conflicting options: cannot specify both --timeout and --time')
      const seconds = changed.has('timeout') ? flags.timeout : changed.has('time') ? flags.time : undefined
      const options = { signalName: flags.signal || undefined, timeoutSeconds: seconds }
      return each(
        args,
        name => out.line(name),
        id => engine.containers[verb](id, options),
      )
    },
  })

export const stop = stopping('stop', 'End one or more running containers')
export const restart = stopping('restart', 'Stop containers and start them again')
