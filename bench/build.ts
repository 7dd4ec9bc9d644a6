// Times builds by the stock client through buildx, and by the classic endpoint, ours and a peer's in turn; one JSON line each.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [ours, peer] = [process.env.BERTH_SOCKET, process.env.PEER_SOCKET]
const docker = process.env.DOCKER ?? 'docker'
const rounds = Number(process.env.ROUNDS ?? 5)
const image = process.env.IMAGE ?? 'busybox'
const fileCount = Number(process.env.FILES ?? 20_000)
/** of the large context; 0 leaves it out */
const largeBytes = Number(process.env.LARGE ?? 1e9)
if (!ours)
  throw new Error('BERTH_SOCKET names the socket of the engine to measure, PEER_SOCKET the one to compare with')

const tag = `bench-build-${process.pid}`
const dir = mkdtempSync('/var/tmp/bench-build-')
const sockets = [ours, ...(peer ? [peer] : [])]

const stages = `FROM ${image} AS one
ARG NONCE
RUN echo $NONCE > /a
RUN mkdir -p /d && echo 1 > /d/1
RUN echo 2 > /d/2
FROM ${image} AS two
ARG NONCE
RUN echo $NONCE > /b
RUN echo 3 > /c
RUN echo 4 > /e
FROM ${image}
COPY --from=one /d /d
COPY --from=two /b /b
COPY src /src
RUN cat /src/* > /all
`

function callDocker(socket: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): void {
  const done = spawnSync(docker, args, { env: { ...process.env, DOCKER_HOST: `unix://${socket}`, ...env } })
  if (done.status !== 0) throw new Error(`docker ${args.join(' ')}: ${done.stderr}`)
}

const build = (socket: string, context: string, nonce: string, env?: Readonly<Record<string, string>>) =>
  callDocker(socket, ['build', '-q', '-t', tag, '--build-arg', `NONCE=${nonce}`, context], env)

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

/** POST /build as a library sends it: the client's own time is no part of it. */
function post(socket: string, archive: string): void {
  const address = `http://docker/build?t=${tag}`
  const done = spawnSync('curl', ['-s', '-X', 'POST', '-T', archive, '--unix-socket', socket, address])
  if (done.status !== 0 || /"error"/.test(`${done.stdout}`)) throw new Error(`build: ${done.stdout}`)
}

function pack(context: string): string {
  const archive = `${context}.tar`
  spawnSync('tar', ['-C', context, '-cf', archive, '.'])
  return archive
}

/** @param before what is not timed */
function compare(
  name: string,
  body: (socket: string, round: number) => void,
  before: (socket: string, round: number) => void = () => {},
): void {
  const times = sockets.map((): number[] => [])
  for (let round = 0; round < rounds; round++)
    for (const [i, socket] of sockets.entries()) {
      before(socket, round)
      const start = performance.now()
      body(socket, round)
      times[i]!.push(performance.now() - start)
    }
  const [own, other] = times.map(median)
  const ratio = other && own ? (other / own).toFixed(2) : undefined
  console.log(
    JSON.stringify({ bench: name, rounds, oursMillis: own?.toFixed(0), peerMillis: other?.toFixed(0), ratio }),
  )
}

function writeContext(name: string, files: number, dockerfile: string): string {
  const context = join(dir, name)
  for (let i = 0; i < files; i++) {
    const folder = join(context, 'src', String(Math.floor(i / 500)))
    if (i % 500 === 0) mkdirSync(files > 500 ? folder : join(context, 'src'), { recursive: true })
    writeFileSync(files > 500 ? join(folder, `${i}.txt`) : join(context, 'src', `${i}.txt`), `file ${i}\n`)
  }
  writeFileSync(join(context, 'Dockerfile'), dockerfile)
  return context
}

try {
  const small = writeContext('small', 10, stages)
  const nonce = (round: number) => `${process.pid}-${round}`
  const classic = { DOCKER_BUILDKIT: '0' }
  compare('cold build, 10 steps, 3 stages', (socket, round) => build(socket, small, nonce(round)))
  compare('cached build', socket => build(socket, small, nonce(0)))
  compare('one file changed', (socket, round) => {
    writeFileSync(join(small, 'src', '0.txt'), `changed ${round} ${socket}\n`)
    build(socket, small, nonce(0))
  })
  compare('classic: cold build', (socket, round) => build(socket, small, `c${nonce(round)}`, classic))
  compare('classic: cached build', socket => build(socket, small, `c${nonce(0)}`, classic))
  const smallArchive = pack(small)
  compare('classic: cached build, by raw API', socket => post(socket, smallArchive))
  const many = writeContext('many', fileCount, `FROM ${image}\nCOPY src /src\n`)
  compare(`COPY of ${fileCount} files, first time or one changed`, (socket, round) => {
    writeFileSync(join(many, 'src', '0', '0.txt'), `changed ${round} ${socket}\n`)
    build(socket, many, '')
  })
  compare(`COPY of ${fileCount} files, cached`, socket => build(socket, many, ''))
  compare(`classic: COPY of ${fileCount} files, cached`, socket => build(socket, many, '', classic))
  const manyArchive = pack(many)
  compare(`classic: COPY of ${fileCount} files, cached, by raw API`, socket => post(socket, manyArchive))
  if (largeBytes > 0) {
    const large = join(dir, 'large')
    mkdirSync(large)
    const fill = () => spawnSync('sh', ['-c', `head -c ${largeBytes} /dev/urandom > blob`], { cwd: large })
    writeFileSync(join(large, 'Dockerfile'), `FROM ${image}\nCOPY . /all\n`)
    const name = `context of ${largeBytes / 1e6} MB`
    compare(`${name}, changed`, socket => build(socket, large, ''), fill)
    compare(`${name}, cached`, socket => build(socket, large, ''))
    compare(`classic: ${name}, cached`, socket => build(socket, large, '', classic))
    const largeArchive = pack(large)
    compare(`classic: ${name}, cached, by raw API`, socket => post(socket, largeArchive))
  }
} finally {
  for (const socket of sockets)
    spawnSync(docker, ['rmi', '-f', tag], { env: { ...process.env, DOCKER_HOST: `unix://${socket}` } })
  rmSync(dir, { recursive: true })
}
