import { EngineError } from '../../base/errors.ts'
import type { CheckpointOptions, Engine } from '../../spec/engine-api/engine.ts'
import { readJson } from '../body.ts'
import { type Call, type Route, route } from '../route.ts'
import { checkpointShape } from '../shapes.ts'

interface CreateBody {
  readonly CheckpointID?: string
  readonly CheckpointDir?: string
  readonly Exit?: boolean
}

async function readOptions(call: Call): Promise<CheckpointOptions> {
  const shape = { shape: checkpointShape, name: 'CreateOptions', optional: true }
  const body = await readJson<CreateBody | null | undefined>(call, shape)
  return { name: body?.CheckpointID ?? '', directory: body?.CheckpointDir, exit: body?.Exit ?? false }
}

const refuse = (): never => {
  throw new EngineError(
    'not-implemented',
    'This experimental feature is disabled by default. Start the Docker daemon in experimental mode in order to enable it.',
  )
}

const paths = {
  all: '/containers/{id}/checkpoints',
  one: '/containers/{id}/checkpoints/{checkpoint}',
} as const

/** An experiment: refused as Docker does where it is switched off. */
export const checkpointRoutes = (
  { containers }: Pick<Engine, 'containers'>,
  isExperimental: boolean,
): readonly Route[] =>
  isExperimental
    ? [
        route('GET', paths.all, async ({ params, query }) => ({
          json: await containers.listCheckpoints(params.id!, query.get('dir') ?? undefined),
        })),
        route('POST', paths.all, async call => {
          await containers.createCheckpoint(call.params.id!, await readOptions(call))
          return { status: 201 }
        }),
        route('DELETE', paths.one, async ({ params, query }) => {
          await containers.removeCheckpoint(params.id!, params.checkpoint!, query.get('dir') ?? undefined)
          return { status: 204 }
        }),
      ]
    : [route('GET', paths.all, refuse), route('POST', paths.all, refuse), route('DELETE', paths.one, refuse)]
