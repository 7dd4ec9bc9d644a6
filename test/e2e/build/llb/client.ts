import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { GrpcChannel } from '../../../../src/api/buildkit/grpc/client.ts'
import { serveGrpc, unary } from '../../../../src/api/buildkit/grpc/server.ts'
import * as control from '../../../../src/api/buildkit/wire/control.ts'
import * as gateway from '../../../../src/api/buildkit/wire/gateway.ts'
import { type EncodableOf, empty, type Message } from '../../../../src/api/buildkit/wire/message.ts'
import { op } from '../../../../src/api/buildkit/wire/ops.ts'
import {
  healthRequest,
  healthResponse,
  secretRequest,
  secretResponse,
} from '../../../../src/api/buildkit/wire/session.ts'
import { digestOf } from '../../../../src/spec/digest.ts'

export type Op = EncodableOf<typeof op>
export type Input = Graph | undefined

/** One output of an operation, with all that it needs. */
export interface Graph {
  readonly def: readonly Uint8Array[]
  readonly digest: string
  readonly index: number
}

/** An operation on top of others; `index` says which of its outputs is meant. */
export function vertex(body: Op, inputs: readonly Graph[] = [], index = 0): Graph {
  const bytes = op.encode({ ...body, inputs: inputs.map(each => ({ digest: each.digest, index: each.index })) })
  const def = [...new Map(inputs.flatMap(each => each.def).map(each => [digestOf(each), each])).values()]
  return { def: [...def, bytes], digest: digestOf(bytes), index }
}

export const definitionOf = ({ def, digest, index }: Graph) => ({
  def: [...def, op.encode({ inputs: [{ digest, index }] })],
  metadata: { [digest]: {} },
})

async function upgraded(
  path: string,
  socketPath: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Socket> {
  const socket = connect(socketPath)
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n${lines.join('')}\r\n`)
  let head = Buffer.alloc(0)
  while (head.indexOf('\r\n\r\n') < 0) head = Buffer.concat([head, (await once(socket, 'data'))[0]])
  socket.pause()
  const rest = head.subarray(head.indexOf('\r\n\r\n') + 4)
  if (rest.length > 0) socket.unshift(rest)
  return socket
}

/** A frontend that runs on the client's side: what it asks of the bridge, while a build waits for it. */
export interface Frontend {
  call<Out, In>(method: string, messages: readonly [Message<unknown, In>, Message<Out, never>], value: In): Promise<Out>
  /** makes the files; returns the reference to them */
  solve(graph: Graph): Promise<string>
  /** lines `mode uid:gid size path -> link`, with the text of small files */
  tree(ref: string, path?: string): Promise<readonly string[]>
}

export interface BuildWish {
  readonly entitlements?: readonly string[]
  readonly secrets?: Readonly<Record<string, string>>
  readonly exporter?: { readonly Type: string; readonly Attrs: Readonly<Record<string, string>> }
  /** what is returned with the result */
  readonly metadata?: Readonly<Record<string, Uint8Array>>
}

/** Runs a build with a frontend of ours; returns what the exporter says. The frontend gives the reference to be exported, or none. */
export async function build(
  socketPath: string,
  wish: BuildWish,
  run: (frontend: Frontend) => Promise<string | undefined>,
) {
  const id = randomUUID()
  const secret = unary(secretRequest, secretResponse, async ({ ID }) => ({
    data: Buffer.from(wish.secrets?.[ID] ?? ''),
  }))
  const method = '/moby.buildkit.secrets.v1.Secrets/GetSecret'
  const headers = {
    'X-Docker-Expose-Session-Uuid': id,
    'X-Docker-Expose-Session-Name': 'test',
    'X-Docker-Expose-Session-Grpc-Method': `${method}`,
  }
  const session = await upgraded('/session', socketPath, headers)
  const health = unary(healthRequest, healthResponse, async () => ({ status: 1 }))
  serveGrpc(session, { '/grpc.health.v1.Health/Check': health, [method]: secret }, () => {})
  using channel = new GrpcChannel(await upgraded('/grpc', socketPath))
  const ref = randomUUID().replaceAll('-', '')
  const request = {
    Ref: ref,
    Session: id,
    Entitlements: wish.entitlements ?? [],
    ...(wish.exporter
      ? {
          Exporters: [wish.exporter],
          ExporterDeprecated: wish.exporter.Type,
          ExporterAttrsDeprecated: wish.exporter.Attrs,
        }
      : {}),
  }
  const solved = channel.unary(
    '/moby.buildkit.v1.Control/Solve',
    [control.solveRequest, control.solveResponse],
    request,
  )
  solved.catch(() => {})
  const frontend = frontendOn(channel, ref)
  try {
    const result = await run(frontend)
    const metadata = wish.metadata ?? {}
    await frontend.call('Return', [gateway.returnRequest, empty], { result: { ref: { id: result ?? '' }, metadata } })
    return (await solved).ExporterResponse
  } catch (error) {
    await frontend
      .call('Return', [gateway.returnRequest, empty], { error: { code: 2, message: String(error), details: [] } })
      .catch(() => {})
    throw error
  } finally {
    session.destroy()
  }
}

function frontendOn(channel: GrpcChannel, ref: string): Frontend {
  const metadata = { 'buildkit-controlapi-buildid': ref }
  const call: Frontend['call'] = (method, messages, value) =>
    channel.unary(`/moby.buildkit.v1.frontend.LLBBridge/${method}`, messages, value, metadata)
  const tree = async (id: string, path = '/'): Promise<readonly string[]> => {
    const request = { Ref: id, DirPath: path, IncludePattern: '' }
    const { entries } = await call('ReadDir', [gateway.readDirRequest, gateway.readDirResponse], request)
    const lines: string[] = []
    for (const { path: name, mode, uid, gid, size, linkname } of entries) {
      const full = `${path === '/' ? '' : path}/${name.replace(/^.*\//, '')}`
      const isDirectory = mode >= 2 ** 31
      const isFile = mode < 2 ** 24
      const text = isFile && size < 100 ? ` ${JSON.stringify(await readText(id, full))}` : ''
      lines.push(`${mode.toString(8)} ${uid}:${gid} ${full}${linkname ? ` -> ${linkname}` : ''}${text}`)
      if (isDirectory) lines.push(...(await tree(id, full)))
    }
    return lines
  }
  const readText = async (id: string, path: string) => {
    const { Data } = await call('ReadFile', [gateway.readFileRequest, gateway.readFileResponse], {
      Ref: id,
      FilePath: path,
    })
    return Buffer.from(Data).toString('utf8')
  }
  return {
    call,
    tree,
    solve: async graph => {
      const request = {
        Definition: definitionOf(graph),
        allowResultReturn: true,
        allowResultArrayRef: true,
        Evaluate: true,
      }
      const { result } = await call('Solve', [gateway.solveRequest, gateway.solveResponse], request)
      return result?.ref?.id ?? ''
    },
  }
}
