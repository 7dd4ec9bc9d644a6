import { splitRegistry } from '../../../spec/registry-host.ts'
import { command } from '../../command.ts'
import { readAuth } from '../../credentials.ts'
import { parseFilters } from '../../filters.ts'
import { type Columns, printList } from '../../format/list.ts'
import { ellipsis } from '../../format/text.ts'
import { filter } from '../../options/common.ts'

interface Result {
  readonly name: string
  readonly description: string
  readonly star_count: number
  readonly is_official: boolean
  readonly is_automated: boolean
}

const columnsOf = (isFull: boolean): Columns<Result> => ({
  Name: { heading: 'NAME', get: item => item.name },
  Description: {
    heading: 'DESCRIPTION',
    get: ({ description }) => {
      const text = description.replace(/[\n\r]/g, ' ')
      return isFull ? text : ellipsis(text, 45)
    },
  },
  StarCount: { heading: 'STARS', get: item => String(item.star_count) },
  IsOfficial: { heading: 'OFFICIAL', get: item => (item.is_official ? '[OK]' : '') },
  IsAutomated: { heading: 'AUTOMATED', get: item => (item.is_automated ? '[OK]' : '') },
})

export const search = command({
  usage: '[OPTIONS] TERM',
  summary: 'Look for images on Docker Hub',
  minArgs: 1,
  maxArgs: 1,
  flags: {
    filter,
    format: { type: 'string', help: 'How to print: a Go template for each line' },
    limit: { type: 'int', help: 'Most results' },
    'no-trunc': { type: 'bool', help: 'Print everything in full length' },
  },
  async run({ args: [term = ''], config, engine, flags, out }) {
    const options = {
      limit: flags.limit || undefined,
      filters: parseFilters(flags.filter),
      auth: readAuth(config, splitRegistry(term)),
    }
    const found = (await engine.images.search(term, options)) as readonly Result[]
    const sorted = [...found].sort((a, b) => b.star_count - a.star_count)
    const fallback = '{{.Name}}\t{{.Description}}\t{{.StarCount}}\t{{.IsOfficial}}'
    printList(out, columnsOf(flags['no-trunc']), sorted, flags.format, fallback)
  },
})
