import { createReadStream, lstatSync, readdirSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { formatPlatform } from '../../image/platform.ts'
import { layerTar } from '../../snapshot/layer-tar.ts'
import { MountedTree } from '../../snapshot/mounted-tree.ts'
import type { Attributes, DirectorySource, FileStat } from '../../spec/engine-api/solver.ts'
import type { Exporting } from './export.ts'
import type { BuiltImage } from './job.ts'
import { toFileStat } from './tree.ts'

/** As fsutil walks: what a directory holds comes right behind it. */
function* walk(root: string, path: string): Generator<FileStat> {
  const directory = path === '' ? root : `${root}/${path}`
  for (const name of readdirSync(`${directory}/.`).sort()) {
    const below = path === '' ? name : `${path}/${name}`
    const stat = lstatSync(`${root}/${below}`)
    if (stat.isSocket()) continue
    yield toFileStat(below, `${root}/${below}`, stat)
    if (stat.isDirectory()) yield* walk(root, below)
  }
}

/** The files of the images, in the client's directory; of several platforms each in one of its own. */
export async function exportLocal(
  { deps, client, progress, signal }: Exporting,
  images: readonly BuiltImage[],
  target: number,
): Promise<Attributes> {
  await progress.during('exporting to client directory', async step => {
    using trees = new DisposableStack()
    const roots = images.map(({ stack, platform }) => {
      const tree = trees.use(new MountedTree(deps.snapshots.mount(stack.chainId), deps.dir))
      const name = images.length > 1 ? formatPlatform(platform).replaceAll('/', '_') : ''
      return { name, root: `${tree.locate('/')}/.` }
    })
    const report = step.status('copying files', 'copying')
    let sent = 0
    const source: DirectorySource = {
      entries: function* () {
        for (const { name, root } of roots) {
          if (name) yield { ...toFileStat(name, root, lstatSync(root)), path: name }
          for (const entry of walk(root, '')) yield name ? { ...entry, path: `${name}/${entry.path}` } : entry
        }
      },
      open: async function* (path) {
        const { name, root } = roots.find(each => each.name === '' || path.startsWith(`${each.name}/`))!
        for await (const chunk of createReadStream(`${root}/${name ? path.slice(name.length + 1) : path}`)) {
          sent += chunk.length
          report(sent)
          yield chunk
        }
      },
    }
    await client.sendDirectory(target, source, { signal })
    report(sent, 0, true)
  })
  return {}
}

/** The files of one image as a tar. */
export async function exportTar(
  { deps, client, progress, signal }: Exporting,
  [image]: readonly BuiltImage[],
  target: number,
): Promise<Attributes> {
  await progress.during('exporting to client tarball', async step => {
    using tree = new MountedTree(deps.snapshots.mount(image!.stack.chainId), deps.dir)
    await step.part('sending tarball', () =>
      pipeline(
        Readable.from(layerTar(`${tree.locate('/')}/.`), { objectMode: false }),
        client.sendFile(target, {}, { signal }),
        { signal },
      ),
    )
  })
  return {}
}
