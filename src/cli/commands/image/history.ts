import { formatAge } from '../../../base/duration.ts'
import { formatSize } from '../../../base/size.ts'
import type { ImageHistoryResponseItem } from '../../../spec/engine-api/image.ts'
import { command } from '../../command.ts'
import { type Columns, printList } from '../../format/list.ts'
import { formatRfc3339 } from '../../format/moment.ts'
import { ellipsis } from '../../format/text.ts'
import { formatMany } from '../../options/common.ts'

const columnsOf = (isFull: boolean, isHuman: boolean): Columns<ImageHistoryResponseItem> => {
  const short = (text = '') => (isFull ? text : text.replace('sha256:', '').slice(0, 12))
  const createdAt = ({ Created }: ImageHistoryResponseItem) => formatRfc3339(new Date(Number(Created ?? 0) * 1000))
  return {
    ID: { heading: 'IMAGE', get: item => short(item.Id) },
    CreatedAt: { heading: 'CREATED AT', get: createdAt },
    CreatedSince: {
      heading: 'CREATED',
      get: item => {
        if (!isHuman) return createdAt(item)
        return Number(item.Created ?? 0) <= 0 ? 'N/A' : `${formatAge(Date.now() / 1000 - Number(item.Created))} ago`
      },
    },
    CreatedBy: {
      heading: 'CREATED BY',
      get: ({ CreatedBy = '' }) => {
        const text = CreatedBy.replaceAll('\t', ' ')
        return isFull ? text : ellipsis(text, 45)
      },
    },
    Size: { heading: 'SIZE', get: ({ Size = 0 }) => (isHuman ? formatSize(Size, 3) : String(Size)) },
    Comment: { heading: 'COMMENT', get: ({ Comment }) => Comment ?? '' },
  }
}

export const history = command({
  usage: '[OPTIONS] IMAGE',
  summary: 'Show how an image came to be',
  aliases: ['image history', 'history'],
  minArgs: 1,
  maxArgs: 1,
  complete: 'image',
  flags: {
    format: formatMany,
    human: { type: 'bool', short: 'H', help: 'Sizes and ages that people read', default: true },
    'no-trunc': { type: 'bool', help: 'Print everything in full length' },
    platform: { type: 'string', help: 'Of this platform (os[/arch[/variant]])', since: '1.48' },
    quiet: { type: 'bool', short: 'q', help: 'Ids only' },
  },
  async run({ args, engine, flags, out }) {
    const items = await engine.images.history(args[0]!, flags.platform ? { platform: flags.platform } : {})
    const columns = columnsOf(flags['no-trunc'], flags.human)
    const fallback = '{{.ID}}\t{{.CreatedSince}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}'
    printList(out, columns, items, flags.format || (flags.quiet ? '{{.ID}}' : ''), fallback)
  },
})
