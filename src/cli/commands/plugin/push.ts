import { formatFamiliar, formatReference, parseReference, withDefaultTag } from '../../../spec/reference.ts'
import { command } from '../../command.ts'
import { authHeader } from '../../credentials.ts'
import { ExitError } from '../../errors.ts'
import { contentTrust } from '../../options/common.ts'
import { progressPrinter } from '../../terminal/progress.ts'

export const push = command({
  usage: '[OPTIONS] PLUGIN[:TAG]',
  summary: 'Send a plugin to a registry',
  minArgs: 1,
  maxArgs: 1,
  flags: { 'disable-content-trust': contentTrust },
  async run({ args, config, engine, out }) {
    const reference = withDefaultTag(parseReference(args[0]!))
    if (reference.digest) throw new ExitError(1, `invalid name: ${formatReference(reference)}`)
    const headers = { 'X-Registry-Auth': authHeader(config, reference.domain) }
    const path = `/plugins/${formatFamiliar(reference)}/push`
    await engine.requestProgress({ method: 'POST', path, headers }, progressPrinter(out))
  },
})
