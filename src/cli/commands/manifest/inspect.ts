import { formatReference, parseReference, type Reference, withDefaultTag } from '../../../spec/reference.ts'
import { type Context, command } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import { fetchManifests, type ImageManifest, onRegistry } from '../../manifest/image.ts'
import { toList } from '../../manifest/list.ts'
import { ManifestStore } from '../../manifest/store.ts'

const inspectFlags = {
  insecure: { type: 'bool', help: 'Speak to a registry that cannot be trusted' },
  verbose: { type: 'bool', short: 'v', help: 'Layers and platforms as well' },
} as const

const pretty = (value: unknown): string => JSON.stringify(value, null, '\t')

function printImage({ flags, out }: Context<typeof inspectFlags>, image: ImageManifest): void {
  if (flags.verbose) out.line(pretty(image))
  else out.line(Buffer.from(image.Raw ?? '', 'base64').toString())
}

async function fromRegistry(context: Context<typeof inspectFlags>, reference: Reference): Promise<void> {
  const { config, flags, out } = context
  const options = { access: 'pull', isInsecure: flags.insecure } as const
  await onRegistry(config, reference, options, async repository => {
    const { images, list } = await fetchManifests(repository, reference)
    if (!list) return printImage(context, (await images())[0]!)
    out.line(pretty(flags.verbose ? await images() : list))
  })
}

export const inspect = command({
  usage: '[OPTIONS] [MANIFEST_LIST] MANIFEST',
  summary: 'Show the manifest of an image, or a manifest list',
  minArgs: 1,
  maxArgs: 2,
  flags: inspectFlags,
  async run(context) {
    const { args, config, flags, out } = context
    const store = new ManifestStore(config)
    const [first, second] = args.map(text => withDefaultTag(parseReference(text)))
    if (second) {
      const image = store.get(first!, second)
      if (!image) throw new ExitError(1, `No such manifest: ${formatReference(second)}`)
      return printImage(context, image)
    }
    const members = store.list(first!)
    if (members.length === 0) return fromRegistry(context, first!)
    out.line(pretty(flags.verbose ? members : toList(members)))
  },
})
