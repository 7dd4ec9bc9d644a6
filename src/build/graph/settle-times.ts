import { lstatSync, lutimesSync, readdirSync } from 'node:fs'
import { toByteString } from '../../archive/tar-entry.ts'
import { fsPath } from '../../snapshot/contained-path.ts'
import { breather } from '../../snapshot/copy-tree.ts'

/**
 * Gives what a step wrote times that do not depend on when or where it ran: nothing is younger than `seconds`.
 *
 * @param all everything gets that time, also what is older: files of a context, whose times are those of a checkout
 */
export async function settleTimes(layer: string, seconds: number, all: boolean): Promise<void> {
  const pause = breather()
  const visit = async (path: string): Promise<void> => {
    await pause()
    const stat = lstatSync(fsPath(path))
    if (stat.isDirectory())
      for (const name of readdirSync(fsPath(path), { encoding: 'latin1' })) await visit(`${path}/${name}`)
    if (all || stat.mtimeMs > seconds * 1000) lutimesSync(fsPath(path), seconds, seconds)
  }
  await visit(toByteString(layer))
}
