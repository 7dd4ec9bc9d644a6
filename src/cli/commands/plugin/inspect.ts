import { command } from '../../command.ts'
import { formatOne } from '../../options/common.ts'
import { show } from '../system/inspect.ts'

export const inspect = command({
  usage: '[OPTIONS] PLUGIN [PLUGIN...]',
  summary: 'Show everything about one or more plugins',
  minArgs: 1,
  flags: { format: formatOne },
  run: ({ args, engine, flags, out }) =>
    show(out, args, flags.format, name => engine.requestJson({ method: 'GET', path: `/plugins/${name}/json` })),
})
