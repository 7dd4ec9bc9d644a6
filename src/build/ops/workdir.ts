import { MountedTree } from '../../snapshot/mounted-tree.ts'
import { absolutePath } from './metadata.ts'
import { type Op, shellOf } from './op.ts'

export const workdir: Op = ({ args }, stage) => {
  const WorkingDir = absolutePath(stage.expand(args[0]!), stage.config.WorkingDir)
  const { deps, chainId } = stage
  return {
    config: { ...stage.config, WorkingDir },
    createdBy: `${shellOf(stage.config).join(' ')} #(nop) WORKDIR ${WorkingDir}`,
    inContainer: true,
    fill: async ({ upper, work }) => {
      using tree = new MountedTree(deps.snapshots.mount(chainId, { upper, work }), deps.dir)
      tree.locateDirectory(WorkingDir)
    },
  }
}
