// Serves the bare repositories below a directory over HTTP: git-server.ts DIRECTORY PORT [the Authorization it wants]
import { spawn } from 'node:child_process'
import { createServer } from 'node:http'

const [root = '', port = '', wanted] = process.argv.slice(2)

const server = createServer((request, response) => {
  if (wanted && request.headers.authorization !== wanted)
    return response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end()
  const { pathname, search } = new URL(request.url ?? '', 'http://x')
  const backend = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'],
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] as string,
      GIT_PROTOCOL: request.headers['git-protocol'] as string,
    },
  })
  request.pipe(backend.stdin)
  const chunks: Buffer[] = []
  backend.stdout.on('data', chunk => chunks.push(chunk))
  backend.stdout.on('end', () => {
    const all = Buffer.concat(chunks)
    const end = all.indexOf('\r\n\r\n')
    const fields = all
      .toString('latin1', 0, end)
      .split('\r\n')
      .map(line => line.split(': ', 2) as [string, string])
    const { Status = '200', ...headers } = Object.fromEntries(fields)
    response.writeHead(Number.parseInt(Status, 10), headers).end(all.subarray(end + 4))
  })
})
server.listen(Number(port), '127.0.0.1')
