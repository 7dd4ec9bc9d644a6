import { createHash } from 'node:crypto'
import { formatReference, parseReference, withDefaultTag } from '../../../spec/reference.ts'
import { command } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import { bodyOf, onRegistry } from '../../manifest/image.ts'
import { toList } from '../../manifest/list.ts'
import { ManifestStore } from '../../manifest/store.ts'

export const push = command({
  usage: '[OPTIONS] MANIFEST_LIST',
  summary: 'Send a manifest list to its registry',
  minArgs: 1,
  maxArgs: 1,
  flags: {
    insecure: { type: 'bool', help: 'Speak to a registry that cannot be trusted' },
    purge: { type: 'bool', short: 'p', help: 'Forget the list afterwards' },
  },
  async run({ args: [name = ''], config, flags, out }) {
    const store = new ManifestStore(config)
    const list = withDefaultTag(parseReference(name))
    const images = store.list(list)
    if (images.length === 0) throw new ExitError(1, `No such manifest: ${formatReference(list)}`)
    const body = toList(images)
    await onRegistry(config, list, { access: 'pull,push', isInsecure: flags.insecure }, async repository => {
      for (const image of images) {
        const source = parseReference(image.Ref)
        if (source.domain !== list.domain)
          throw new ExitError(
            1,
            'cannot use source images from a different registry than the target image: ' +
              `${source.domain} != ${list.domain}`,
          )
        const { config: blob, layers } = bodyOf(image)
        if (source.path !== list.path)
          for (const { digest } of [blob, ...layers])
            if (!(await repository.hasBlob(digest as never))) await repository.mount(digest as never, source.path)
        const bytes = Buffer.from(image.Raw ?? '', 'base64')
        await repository.putManifest(image.Descriptor.digest, image.Descriptor.mediaType, bytes)
        out.line(`Pushed ref ${image.Ref} with digest: ${image.Descriptor.digest}`)
      }
      const bytes = Buffer.from(JSON.stringify(body, null, 3))
      await repository.putManifest(list.tag ?? 'latest', body.mediaType, bytes)
      out.line(`sha256:${createHash('sha256').update(bytes).digest('hex')}`)
    })
    if (flags.purge) store.remove(list)
  },
})
