import { formatReference, parseReference, withDefaultTag } from '../../../spec/reference.ts'
import { command } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import { ManifestStore } from '../../manifest/store.ts'

export const rm = command({
  usage: 'MANIFEST_LIST [MANIFEST_LIST...]',
  summary: 'Forget one or more manifest lists',
  minArgs: 1,
  flags: {},
  async run({ args, config }) {
    const store = new ManifestStore(config)
    const errors: string[] = []
    for (const name of args) {
      const list = withDefaultTag(parseReference(name))
      if (store.has(list)) store.remove(list)
      else errors.push(`No such manifest: ${formatReference(list)}`)
    }
    if (errors.length) throw new ExitError(1, errors.join('\n'))
  },
})
