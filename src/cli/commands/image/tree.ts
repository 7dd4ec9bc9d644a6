import { formatSize } from '../../../base/size.ts'
import type { ImageSummary } from '../../../spec/engine-api/image.ts'
import { ExitError } from '../../errors.ts'
import { paint } from '../../format/colour.ts'
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

/** Images with their platforms below them, sizes and whether they are in use. */
export function treeOf(images: readonly ImageSummary[], isFull: boolean, out: Output): string {
  const id = (text = '') => (isFull ? text : text.replace('sha256:', '').slice(0, 12))
  const rows: string[][] = []
  for (const image of images) {
    const manifests = ((image as { Manifests?: readonly Manifest[] }).Manifests ?? []).filter(
      ({ Kind }) => Kind === 'image',
    )
    const content = manifests.reduce((sum, { Size }) => sum + Size.Content, 0)
    const names = image.RepoTags?.length ? image.RepoTags : ['<untagged>']
    rows.push([
      names.join(', '),
      id(image.Id),
      formatSize(image.Size ?? 0, 3),
      formatSize(content, 3),
      (image.Containers ?? 0) > 0 ? 'U' : '',
    ])
    manifests.forEach((item, at) => {
      const branch = at === manifests.length - 1 ? '└─' : '├─'
      const used = item.ImageData?.Containers?.length ? 'U' : ''
      rows.push([
        `${branch} ${platformOf(item)}`,
        id(item.ID),
        formatSize(item.Size.Total, 3),
        formatSize(item.Size.Content, 3),
        used,
      ])
    })
  }
  const headings = ['IMAGE', 'ID', 'DISK USAGE', 'CONTENT SIZE', 'EXTRA']
  const widths = headings.map((heading, at) => Math.max(heading.length, ...rows.map(row => row[at]!.length)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => cell.padEnd(widths[at]!))
      .join('   ')
      .trimEnd()
  return `${paint(out, 'bold', line(headings))}\n${rows.map(line).join('\n')}${rows.length ? '\n' : ''}`
}
