import { parseReference, withDefaultTag } from '../../../spec/reference.ts'
import { command } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import { ManifestStore } from '../../manifest/store.ts'

export const annotate = command({
  usage: '[OPTIONS] MANIFEST_LIST MANIFEST',
  summary: 'Say more about one image of a manifest list',
  minArgs: 2,
  maxArgs: 2,
  flags: {
    arch: { type: 'string', help: 'Architecture' },
    os: { type: 'string', help: 'Operating system' },
    'os-features': { type: 'strings', help: 'Feature of the operating system' },
    'os-version': { type: 'string', help: 'Version of the operating system' },
    variant: { type: 'string', help: 'Variant of the architecture' },
  },
  async run({ args: [name = '', member = ''], config, flags }) {
    const store = new ManifestStore(config)
    const [list, reference] = [name, member].map(text => withDefaultTag(parseReference(text)))
    const image = store.get(list!, reference!)
    if (!image) throw new ExitError(1, `manifest for image ${member} does not exist in ${name}`)
    const before = image.Descriptor.platform ?? { architecture: '', os: '' }
    const platform = {
      ...before,
      ...(flags.os ? { os: flags.os } : {}),
      ...(flags.arch ? { architecture: flags.arch } : {}),
      ...(flags['os-features'].length ? { 'os.features': flags['os-features'] } : {}),
      ...(flags.variant ? { variant: flags.variant } : {}),
      ...(flags['os-version'] ? { 'os.version': flags['os-version'] } : {}),
    }
    if (!platform.os || !platform.architecture)
      throw new ExitError(
        1,
        `manifest entry for image has unsupported os/arch combination: ${platform.os}/${platform.architecture}`,
      )
    store.save(list!, reference!, { ...image, Descriptor: { ...image.Descriptor, platform } })
  },
})
