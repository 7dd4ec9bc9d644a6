import { formatAge } from '../../../base/duration.ts'
import { formatSize } from '../../../base/size.ts'
import { command } from '../../command.ts'
import { parseFilters } from '../../filters.ts'
import { type Columns, printList } from '../../format/list.ts'

interface Row {
  readonly id: string
  readonly repository: string
  readonly tag: string
  readonly digest: string
  readonly created: number
  readonly size: number
}

const columnsOf = (isFull: boolean): Columns<Row> => ({
  ID: { heading: 'IMAGE ID', get: ({ id }) => (isFull ? id : id.replace('sha256:', '').slice(0, 12)) },
  Repository: { heading: 'REPOSITORY', get: row => row.repository },
  Tag: { heading: 'TAG', get: row => row.tag },
  Digest: { heading: 'DIGEST', get: row => row.digest },
  CreatedSince: { heading: 'CREATED', get: row => `${formatAge(Date.now() / 1000 - row.created)} ago` },
  CreatedAt: {
    heading: 'CREATED AT',
    get: row => `${new Date(row.created * 1000).toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`,
  },
  Size: { heading: 'SIZE', get: row => formatSize(row.size, 3) },
  Containers: { heading: 'CONTAINERS', get: () => 'N/A' },
  VirtualSize: { heading: 'SIZE', get: row => formatSize(row.size, 3) },
  SharedSize: { heading: 'SHARED SIZE', get: () => 'N/A' },
  UniqueSize: { heading: 'UNIQUE SIZE', get: () => 'N/A' },
})

export const list = command({
  usage: '[OPTIONS] [REPOSITORY[:TAG]]',
  summary: 'Show images',
  aliases: ['image ls', 'image list', 'images'],
  maxArgs: 1,
  complete: 'image',
  flags: {
    all: { type: 'bool', short: 'a', help: 'Intermediate ones as well' },
    digests: { type: 'bool', help: 'Digests too' },
    filter: { type: 'filter', short: 'f', help: 'Only those that match, such as dangling=true' },
    format: { type: 'string', help: "'table', 'table TEMPLATE', 'json' or a Go template for each line" },
    'no-trunc': { type: 'bool', help: 'Print everything in full length' },
    quiet: { type: 'bool', short: 'q', help: 'Ids only' },
  },
  async run({ args, config, engine, flags, out }) {
    const words = args[0] ? [...flags.filter, `reference=${args[0]}`] : flags.filter
    const found = await engine.images.list({
      all: flags.all,
      filters: parseFilters(words),
      sharedSize: false,
      digests: flags.digests,
      manifests: false,
    })
    if (flags.quiet && !flags.format) {
      for (const { Id, RepoTags } of found)
        for (const _ of RepoTags?.length ? RepoTags : ['']) out.line(flags['no-trunc'] ? Id! : Id!.slice(7, 19))
      return
    }
    const rows = found.flatMap(({ Created, Id, RepoDigests, RepoTags, Size }) => {
      const common = {
        id: Id!,
        created: Number(Created ?? 0),
        size: Size ?? 0,
        digest: RepoDigests?.[0]?.split('@')[1] ?? '<none>',
      }
      if (!RepoTags?.length)
        return [{ ...common, repository: RepoDigests?.[0]?.split('@')[0] ?? '<none>', tag: '<none>' }]
      return RepoTags.map(name => ({
        ...common,
        repository: name.slice(0, name.lastIndexOf(':')),
        tag: name.slice(name.lastIndexOf(':') + 1),
      }))
    })
    const format = flags.format || ((config.file.imagesFormat as string | undefined) ?? '')
    printList(
      out,
      columnsOf(flags['no-trunc']),
      rows,
      format,
      `{{.Repository}}\t{{.Tag}}\t${flags.digests ? '{{.Digest}}\t' : ''}{{.ID}}\t{{.CreatedSince}}\t{{.Size}}`,
    )
  },
})
