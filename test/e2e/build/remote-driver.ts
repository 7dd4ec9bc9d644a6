import { connect, createServer, type Server } from 'node:net'

/**
 * A socket that speaks BuildKit's own protocol, as clients without Docker's upgrade want it (`buildx create --driver
 * remote`): their sessions come within `Control.Session`.
 */
export async function openRemoteDriver(path: string, engine: string): Promise<Server> {
  const server = createServer(client => {
    const there = connect(engine)
    there.write('POST /grpc HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n')
    let head = Buffer.alloc(0)
    const onData = (chunk: Buffer) => {
      head = Buffer.concat([head, chunk])
      const end = head.indexOf('\r\n\r\n')
      if (end < 0) return
      there.off('data', onData)
      client.write(head.subarray(end + 4))
      there.pipe(client).pipe(there)
    }
    there.on('data', onData).on('error', () => client.destroy())
    client.on('error', () => there.destroy()).on('close', () => there.destroy())
  })
  await new Promise<void>(resolve => server.listen(path, resolve))
  return server
}
