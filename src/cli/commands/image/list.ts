import { formatAge } from '../../../base/duration.ts'
import { formatSize } from '../../../base/size.ts'
import type { ImageSummary } from '../../../spec/engine-api/image.ts'
import { command } from '../../command.ts'
import { parseFilters } from '../../filters.ts'
import { type Columns, printList } from '../../format/list.ts'
import { formatLocal } from '../../format/moment.ts'
import { filter, formatMany } from '../../options/common.ts'
import { refuseTreeMix, treeOf } from './tree.ts'

export interface ImageRow {
  readonly id: string
  readonly repository: string
  readonly tag: string
  readonly digest: string
  readonly image: ImageSummary
}

const known = (size: number | undefined): string => (size === undefined || size < 0 ? 'N/A' : formatSize(size))

export const imageColumns = (isFull: boolean): Columns<ImageRow> => ({
  ID: { heading: 'IMAGE ID', get: ({ id }) => (isFull ? id : id.replace('sha256:', '').slice(0, 12)) },
  Repository: { heading: 'REPOSITORY', get: row => row.repository },
  Tag: { heading: 'TAG', get: row => row.tag },
  Digest: { heading: 'DIGEST', get: row => row.digest },
  CreatedSince: {
    heading: 'CREATED',
    get: ({ image }) =>
      Number(image.Created ?? 0) <= 0 ? 'N/A' : `${formatAge(Date.now() / 1000 - Number(image.Created))} ago`,
  },
  CreatedAt: { heading: 'CREATED AT', get: ({ image }) => formatLocal(new Date(Number(image.Created ?? 0) * 1000)) },
  Size: { heading: 'SIZE', get: ({ image }) => formatSize(image.Size ?? 0, 3) },
  Containers: {
    heading: 'CONTAINERS',
    get: ({ image }) => ((image.Containers ?? -1) < 0 ? 'N/A' : String(image.Containers)),
  },
  VirtualSize: { heading: 'SIZE', get: ({ image }) => formatSize(image.Size ?? 0) },
  SharedSize: { heading: 'SHARED SIZE', get: ({ image }) => known(image.SharedSize) },
  UniqueSize: {
    heading: 'UNIQUE SIZE',
    get: ({ image }) =>
      (image.SharedSize ?? -1) < 0 ? 'N/A' : formatSize((image.Size ?? 0) - (image.SharedSize ?? 0)),
  },
})

const repositoryIn = (name: string): string => name.slice(0, name.lastIndexOf(':'))

/** One row for each name; with digests, one for each digest of each repository too. */
export function imageRows(images: readonly ImageSummary[], hasDigests = false): readonly ImageRow[] {
  return images.flatMap(image => {
    const tags = (image.RepoTags ?? []).filter(name => name !== '<none>:<none>')
    const digests = (image.RepoDigests ?? []).filter(name => name !== '<none>@<none>').map(name => name.split('@'))
    const row = (repository: string, tag: string, digest = '<none>') => ({
      id: image.Id!,
      image,
      repository,
      tag,
      digest,
    })
    const digestOf = (repository: string) => digests.find(([name]) => name === repository)?.[1]
    const tagged = tags.map(name => {
      const repository = repositoryIn(name)
      return row(repository, name.slice(repository.length + 1), digestOf(repository))
    })
    const repositories = new Set(tags.map(repositoryIn))
    const untagged = digests
      .filter(([name]) => !repositories.has(name!))
      .map(([name, digest]) => row(name!, '<none>', digest))
    if (tagged.length + untagged.length === 0) return [row('<none>', '<none>')]
    return hasDigests || tagged.length === 0 ? [...tagged, ...untagged] : tagged
  })
}

export const list = command({
  usage: '[OPTIONS] [REPOSITORY[:TAG]]',
  summary: 'Show images',
  aliases: ['image ls', 'image list', 'images'],
  maxArgs: 1,
  complete: 'image',
  flags: {
    all: { type: 'bool', short: 'a', help: 'Intermediate ones as well' },
    digests: { type: 'bool', help: 'Digests too' },
    filter,
    format: formatMany,
    'no-trunc': { type: 'bool', help: 'Print everything in full length' },
    quiet: { type: 'bool', short: 'q', help: 'Ids only' },
    tree: { type: 'bool', help: 'A tree of the platforms of each image', since: '1.47' },
  },
  async run({ args, changed, config, engine, flags, out }) {
    const words = args[0] ? [...flags.filter, `reference=${args[0]}`] : flags.filter
    if (flags.tree) refuseTreeMix(flags, changed)
    const options = { all: flags.all, filters: parseFilters(words), sharedSize: false, digests: flags.digests }
    const found = await engine.images.list({ ...options, manifests: flags.tree })
    if (flags.tree) return out.write(treeOf(found, out))
    const format = flags.format || (flags.quiet ? '' : ((config.file.imagesFormat as string | undefined) ?? ''))
    const rows = imageRows(found, flags.digests)
    const id = (text: string) => (flags['no-trunc'] ? text : text.slice(7, 19))
    if (flags.quiet && (!format || format === 'table')) return rows.forEach(row => void out.line(id(row.id)))
    const digest = flags.digests ? '{{.Digest}}\t' : ''
    const fallback = `{{.Repository}}\t{{.Tag}}\t${digest}{{.ID}}\t{{.CreatedSince}}\t{{.Size}}`
    printList(out, imageColumns(flags['no-trunc']), rows, format, fallback)
  },
})
