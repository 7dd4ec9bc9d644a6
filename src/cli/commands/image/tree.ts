import { formatSize } from '../../../base/size.ts'
import type { ImageSummary } from '../../../spec/engine-api/image.ts'
import { ExitError } from '../../errors.ts'
import { hasColour } from '../../format/colour.ts'
import type { Output } from '../../output.ts'

interface Manifest {
  readonly ID: string
  readonly Kind: string
  readonly Available: boolean
  readonly Size: { readonly Total: number; readonly Content: number }
  readonly ImageData?: {
    readonly Platform: { readonly os: string; readonly architecture: string; readonly variant?: string }
    readonly Containers?: readonly string[] | null
  }
}

/** Options that would make no sense in a tree. */
export function refuseTreeMix(
  flags: { readonly quiet: boolean; readonly 'no-trunc': boolean; readonly digests: boolean; readonly format: string },
  changed: ReadonlySet<string>,
): void {
  const names = { quiet: 'quiet', 'no-trunc': 'no-trunc', digests: 'show-digest', format: 'format' } as const
  for (const [flag, shown] of Object.entries(names))
    if (changed.has(flag) && flags[flag as keyof typeof names])
      throw new ExitError(1, `--${shown} is not yet supported with --tree`)
}

const platformOf = ({ ImageData }: Manifest): string => {
  const { architecture = '', os = '', variant } = ImageData?.Platform ?? {}
  return [os, architecture, variant].filter(Boolean).join('/')
}

interface Column {
  readonly title: string
  readonly width: number
  readonly isRight?: true
}

const gap = '   '
const details: readonly Column[] = [
  { title: 'ID', width: 12 },
  { title: 'DISK USAGE', width: 10, isRight: true },
  { title: 'CONTENT SIZE', width: 12, isRight: true },
  { title: 'EXTRA', width: 5 },
]
const leastNameWidth = 12

interface Style {
  readonly plain: (text: string) => string
  readonly name: (text: string) => string
  readonly used: string
}

const style = (out: Output): Style =>
  hasColour(out)
    ? {
        plain: text => `\x1b[39m${text}\x1b[0m`,
        name: text => `\x1b[34m\x1b[1m${text}\x1b[0m`,
        used: '\x1b[38;5;0m\x1b[48;5;14m U \x1b[0m',
      }
    : { plain: text => text, name: text => text, used: ' U ' }

const shortId = (text = ''): string => text.replace('sha256:', '').slice(0, 12)
const manifestsOf = (image: ImageSummary): readonly Manifest[] =>
  ((image as { Manifests?: readonly Manifest[] }).Manifests ?? []).filter(({ Kind }) => Kind === 'image')
const namesOf = ({ RepoTags }: ImageSummary): readonly string[] => (RepoTags?.length ? RepoTags : ['<untagged>'])

/** The columns that fit the window, the names' first; it is as wide as it must be or as there is room. */
function fitColumns(images: readonly ImageSummary[], window: number): readonly Column[] {
  const shown = [...details]
  const room = () => window - shown.reduce((sum, { width }) => sum + width + gap.length, 0)
  while (shown.length > 0 && room() < leastNameWidth) shown.pop()
  const branches = images.flatMap(manifestsOf).map(item => `└─ ${platformOf(item)}`)
  const texts = ['IMAGE', ...images.flatMap(namesOf), ...branches]
  const widest = Math.max(...texts.map(text => Buffer.byteLength(text)))
  return [{ title: 'IMAGE', width: Math.min(widest, room()) }, ...shown]
}

/** Docker's notice and the key to the marks, at the right edge. */
function legend(out: Output, window: number): string {
  const warning = "WARNING: This is an experimental feature. The output may change and shouldn't be depended on."
  if (!hasColour(out)) return `${warning}\n${'Info ->  U In Use '.padStart(window)}\n\n`
  const key = `\x1b[1m\x1b[106m\x1b[30mi\x1b[0m\x1b[0m \x1b[96mInfo → \x1b[0m\x1b[0m ${style(out).used} In Use `
  return `\x1b[93m${warning}\x1b[0m\n${' '.repeat(Math.max(0, window - 21))}${key}\n\n`
}

/** Images with their platforms below them, sizes and whether they are in use, in Docker's layout. */
export function treeOf(images: readonly ImageSummary[], out: Output): string {
  const columns = fitColumns(images, out.columns)
  const { name, plain, used } = style(out)
  const heading = columns
    .map(({ title, width }) => `\x1b[39m\x1b[1m${title}\x1b[0m${' '.repeat(width - title.length)}`)
    .join(gap)
  const cells = (values: readonly string[], isUsed: boolean) =>
    columns.slice(1).map(({ isRight, title, width }, at) => {
      if (title === 'EXTRA') return isUsed ? `${used}  ` : ' '.repeat(width)
      const fill = ' '.repeat(width - values[at]!.length)
      return isRight ? fill + plain(values[at]!) : plain(values[at]!) + fill
    })
  const line = (first: string, paint: (text: string) => string, values: readonly string[], isUsed: boolean) => {
    const { width } = columns[0]!
    const isLong = first.length > width
    const head = isLong ? `${paint(first)}\n${' '.repeat(width)}` : paint(first) + ' '.repeat(width - first.length)
    return `${[head, ...cells(values, isUsed)].join(gap)}\n`
  }
  const rows = images.map(image => {
    const manifests = manifestsOf(image)
    const content = manifests.reduce((sum, { Size }) => sum + Size.Content, 0)
    const sizes = [shortId(image.Id), formatSize(image.Size ?? 0, 3), formatSize(content, 3)]
    const names = namesOf(image)
    const above = names.slice(0, -1).map(text => `${name(text)}\n`)
    const branches = manifests.map((item, at) => {
      const mark = at === manifests.length - 1 ? '└─' : '├─'
      const values = [shortId(item.ID), formatSize(item.Size.Total, 3), formatSize(item.Size.Content, 3)]
      return line(`${mark} ${platformOf(item)}`, plain, values, (item.ImageData?.Containers ?? []).length > 0)
    })
    return [...above, line(names.at(-1)!, name, sizes, (image.Containers ?? 0) > 0), ...branches, '\n'].join('')
  })
  return `${legend(out, out.columns)}${heading.replace(/ +$/, '')}\n${rows.join('')}`
}
