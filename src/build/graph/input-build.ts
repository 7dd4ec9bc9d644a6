import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import { EngineError, hasCode } from '../../base/errors.ts'
import { copyChildren } from '../../snapshot/copy-tree.ts'
import { MountedTree } from '../../snapshot/mounted-tree.ts'
import type { LowLevelGraph } from '../../spec/engine-api/low-level.ts'
import type { BuildContext } from '../context.ts'
import { ClientContext } from './context.ts'
import type { Request } from './job.ts'
import { evaluate } from './llb/evaluate.ts'
import type { Stack } from './run-steps.ts'

const sizeLimit = 16 << 20

/**
 * The context of a build whose Dockerfile, or whose files, are no directories of the client's but inputs that it gave;
 * undefined when there are none.
 */
export async function openInputs(request: Request): Promise<BuildContext | ClientContext | undefined> {
  const { inputs, fileDirectory, contextDirectory } = request.options
  const [fileInput, contextInput] = [inputs.get(fileDirectory), inputs.get(contextDirectory)]
  if (!fileInput && !contextInput) return undefined
  const dockerfile = readFile(request, await filesOf(request, (fileInput ?? contextInput)!))
  if (!contextInput) return new ClientContext({ ...request, dockerfile, ownRules: undefined })
  return contextOf(request, await filesOf(request, contextInput), dockerfile)
}

async function filesOf(request: Request, graph: LowLevelGraph): Promise<Stack> {
  const stack = await evaluate(request, graph)
  if (stack.chainId) request.keep.use(request.deps.images.pin([stack.chainId]))
  return stack
}

const openTree = ({ deps }: Request, { chainId }: Stack) => new MountedTree(deps.snapshots.mount(chainId), deps.dir)

function readFile(request: Request, stack: Stack): string {
  const { fileName } = request.options
  using tree = openTree(request, stack)
  try {
    const path = tree.locate(posix.resolve('/', fileName))
    const stat = statSync(path)
    if (!stat.isFile() || stat.size > sizeLimit) throw new EngineError('invalid', `${fileName} is no file to be read`)
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (!hasCode(error, 'ENOENT') && !hasCode(error, 'ENOTDIR')) throw error
    throw new EngineError('not-found', `failed to read dockerfile: open ${fileName}: no such file or directory`)
  }
}

async function contextOf(request: Request, stack: Stack, dockerfile: string): Promise<BuildContext> {
  const { deps, options } = request
  const scratch = mkdtempSync(join(deps.dir, 'build-'))
  const remove = () => rmSync(scratch, { recursive: true, force: true })
  try {
    const path = join(scratch, 'context')
    mkdirSync(path, { mode: 0o755 })
    using tree = openTree(request, stack)
    await copyChildren(tree.locate('/'), path, { signal: options.signal })
    return {
      dockerfile,
      fileName: options.fileName,
      scratch,
      ready: async () => {},
      path: () => path,
      open: () => new MountedTree({ type: 'bind', source: path, options: [] }, deps.dir),
      [Symbol.asyncDispose]: async () => remove(),
    }
  } catch (error) {
    remove()
    throw error
  }
}
