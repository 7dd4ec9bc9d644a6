import { command } from '../../command.ts'
import { ContextStore } from '../../context/store.ts'
import { type Columns, printList } from '../../format/list.ts'
import { ellipsis } from '../../format/text.ts'
import { formatMany } from '../../options/common.ts'

interface Row {
  readonly name: string
  readonly isCurrent: boolean
  readonly description: string
  readonly host: string
  readonly error: string
}

const isAbove = (name: string): boolean => !name.startsWith('-')

const columns: Columns<Row> = {
  Name: { heading: 'NAME', get: row => row.name },
  Current: { heading: '', get: row => row.isCurrent },
  Description: { heading: 'DESCRIPTION', get: row => ellipsis(row.description, 60) },
  DockerEndpoint: { heading: 'DOCKER ENDPOINT', get: row => row.host },
  Error: { heading: 'ERROR', get: row => ellipsis(row.error, 45) },
}

const overridden =
  'Warning: DOCKER_HOST environment variable overrides the active context. To use a context, either set the global --context flag, or unset DOCKER_HOST environment variable.'

export const list = command({
  usage: '[OPTIONS]',
  summary: 'Show contexts',
  aliases: ['context ls', 'context list'],
  maxArgs: 0,
  flags: { format: formatMany, quiet: { type: 'bool', short: 'q', help: 'Names only' } },
  async run({ config, err, flags, out }) {
    const store = new ContextStore(config)
    const current = config.contextName
    const rows: Row[] = [
      {
        name: 'default',
        isCurrent: current === 'default',
        description: 'Current DOCKER_HOST based configuration',
        host: config.defaultEndpointHost,
        error: '',
      },
      ...store.list().map(({ Endpoints, Metadata, Name }) => ({
        name: Name,
        isCurrent: Name === current,
        description: String(Metadata.Description ?? ''),
        host: Endpoints.docker?.Host ?? '',
        error: '',
      })),
    ]
    const isKnown = rows.some(({ name }) => name === current)
    if (!isKnown && isAbove(current)) {
      const error = `context ${JSON.stringify(current)}: context not found`
      rows.push({ name: current, isCurrent: true, description: '', host: '', error })
    }
    rows.sort((a, b) => (a.name < b.name ? -1 : 1))
    const warn = () => {
      if (config.env('DOCKER_HOST') && !config.globals.context && config.globals.host === undefined)
        err.line(overridden)
    }
    if (flags.quiet) {
      for (const { name } of rows) out.line(name)
      return warn()
    }
    const fallback = '{{.Name}}{{if .Current}} *{{end}}\t{{.Description}}\t{{.DockerEndpoint}}\t{{.Error}}'
    printList(out, columns, rows, flags.format, fallback)
    warn()
  },
})
