import type { Engine, ExecConfig } from '../../spec/engine-api/engine.ts'
import { readJson } from '../body.ts'
import { sizeQuery } from '../query.ts'
import { type Route, route } from '../route.ts'
import { execShape, execStartShape } from '../shapes.ts'
import { atLeast } from '../versions.ts'

interface StartBody {
  readonly Detach?: boolean
  readonly Tty?: boolean
  readonly ConsoleSize?: readonly number[] | null
}

/** Spec: https://docs.docker.com/reference/api/engine/version/v1.51/#tag/Exec */
export const execRoutes = ({ execs }: Pick<Engine, 'execs'>): readonly Route[] => [
  route('POST', '/containers/{id}/exec', async call => ({
    status: 201,
    json: await execs.create(
      call.params.id!,
      (await readJson<ExecConfig | null | undefined>(call, {
        optional: true,
        shape: execShape,
        name: 'ExecOptions',
      })) ?? {},
    ),
  })),
  route('POST', '/exec/{id}/start', async call => {
    const {
      Detach = false,
      Tty = false,
      ConsoleSize,
    } = (await readJson<StartBody | undefined>(call, {
      optional: true,
      shape: execStartShape,
      name: 'ExecStartOptions',
    })) ?? {}
    const isSized = ConsoleSize && atLeast(call.version, '1.42')
    const attached = await execs.start(call.params.id!, {
      detach: Detach,
      tty: Tty,
      consoleSize: isSized ? ConsoleSize : undefined,
    })
    return attached ? { hijack: attached.stream, tty: attached.tty } : { status: 200 }
  }),
  route('POST', '/exec/{id}/resize', async ({ params, query }) => {
    await execs.resize(params.id!, sizeQuery(query))
    return { status: 200 }
  }),
  route('GET', '/exec/{id}/json', async ({ params }) => ({ json: await execs.inspect(params.id!) })),
]
