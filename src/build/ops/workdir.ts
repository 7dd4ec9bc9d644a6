import { chownSync } from 'node:fs'
import { posix } from 'node:path'
import { EngineError } from '../../base/errors.ts'
import { MountedTree } from '../../snapshot/mounted-tree.ts'
import { absolutePath } from './metadata.ts'
import { type Op, type StageView, shellOf } from './op.ts'
import { parseOwner } from './owner.ts'

export const workdir: Op = ({ args }, stage) => {
  const path = stage.expand(args[0]!)
  if (path === '') throw new EngineError('invalid', 'cannot normalize nothing')
  const WorkingDir = workingDirectory(path, stage)
  const { deps, config } = stage
  const user = stage.dialect === 'buildkit' ? config.User : ''
  return {
    config: { ...config, WorkingDir },
    createdBy: `${shellOf(config).join(' ')} #(nop) WORKDIR ${WorkingDir}`,
    comment: `WORKDIR ${WorkingDir}`,
    inputs: ['workdir', WorkingDir, user ?? ''],
    inContainer: true,
    fill: async ({ chainId, upper, work }) => {
      using tree = new MountedTree(deps.snapshots.mount(chainId, { upper, work }), deps.dir)
      const made: string[] = []
      tree.locateDirectory(WorkingDir, each => made.push(each))
      if (!user || made.length === 0) return
      const { uid, gid } = parseOwner(user, tree)
      for (const each of made) chownSync(each, uid, gid)
    },
  }
}

/** BuildKit leaves an absolute path as it is written. */
function workingDirectory(path: string, { config, dialect }: StageView): string {
  if (dialect === 'classic') return absolutePath(path, config.WorkingDir)
  return posix.isAbsolute(path) ? path : posix.join(config.WorkingDir || '/', path)
}
