import { formatReference, parseReference, withDefaultTag } from '../../../spec/reference.ts'
import { command } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import { fetchManifests, onRegistry } from '../../manifest/image.ts'
import { ManifestStore } from '../../manifest/store.ts'

export const create = command({
  usage: 'MANIFEST_LIST MANIFEST [MANIFEST...]',
  summary: 'Begin a manifest list of images that a registry has',
  minArgs: 2,
  flags: {
    amend: { type: 'bool', short: 'a', help: 'Go on with a list that was begun' },
    insecure: { type: 'bool', help: 'Speak to a registry that cannot be trusted' },
  },
  async run({ args: [name = '', ...members], config, flags, out }) {
    const store = new ManifestStore(config)
    const list = withDefaultTag(parseReference(name))
    if (store.has(list) && !flags.amend)
      throw new ExitError(1, 'refusing to amend an existing manifest list with no --amend flag')
    for (const member of members) {
      const reference = withDefaultTag(parseReference(member))
      if (store.get(list, reference)) continue
      const [image] = await onRegistry(
        config,
        reference,
        { access: 'pull', isInsecure: flags.insecure },
        async repository => {
          const found = await fetchManifests(repository, reference)
          if (found.list) throw new ExitError(1, `${formatReference(reference)} is a manifest list`)
          return found.images()
        },
      )
      store.save(list, reference, image!)
    }
    out.line(`Created manifest list ${formatReference(list)}`)
  },
})
