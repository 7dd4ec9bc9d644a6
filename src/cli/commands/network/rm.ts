import { isEngineError, messageOf } from '../../../base/errors.ts'
import { command } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import { confirm } from '../../terminal/confirm.ts'

export const rm = command({
  usage: 'NETWORK [NETWORK...]',
  summary: 'Delete one or more networks',
  aliases: ['network rm', 'network remove'],
  minArgs: 1,
  complete: 'network',
  flags: { force: { type: 'bool', short: 'f', help: 'Do not mind when it is not there' } },
  async run({ args, engine, err, flags, out }) {
    let isFailed = false
    for (const name of args) {
      const found = await engine.networks.inspect(name).catch(() => undefined)
      const warning =
        'WARNING! Before removing the routing-mesh network, make sure all the nodes in your swarm run the same docker engine version. Otherwise, removal may not be effective and functionality of newly create ingress networks will be impaired.\nAre you sure you want to continue?'
      if ((found as { Ingress?: boolean } | undefined)?.Ingress && !confirm(out, warning)) continue
      try {
        await engine.networks.remove(name)
        out.line(name)
      } catch (error) {
        if (flags.force && isEngineError(error, 'not-found')) continue
        err.line(messageOf(error))
        isFailed = true
      }
    }
    if (isFailed) throw new ExitError(1, 'exit status 1')
  },
})
