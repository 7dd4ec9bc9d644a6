import { EngineError } from '../../base/errors.ts'
import { MountedTree } from '../../snapshot/mounted-tree.ts'
import { absolutePath } from './metadata.ts'
import { type Op, shellOf } from './op.ts'

export const workdir: Op = ({ args }, stage) => {
  const path = stage.expand(args[0]!)
  if (path === '') throw new EngineError('invalid', 'cannot normalize nothing')
  const WorkingDir = absolutePath(path, stage.config.WorkingDir)
  const { deps } = stage
  return {
    config: { ...stage.config, WorkingDir },
    createdBy: `${shellOf(stage.config).join(' ')} #(nop) WORKDIR ${WorkingDir}`,
    comment: `WORKDIR ${WorkingDir}`,
    inputs: ['workdir', WorkingDir],
    inContainer: true,
    fill: async ({ chainId, upper, work }) => {
      using tree = new MountedTree(deps.snapshots.mount(chainId, { upper, work }), deps.dir)
      tree.locateDirectory(WorkingDir)
    },
  }
}
