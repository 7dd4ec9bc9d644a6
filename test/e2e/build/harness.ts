import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { Database } from '../../../src/base/database.ts'
import { silentLog } from '../../../src/base/log.ts'
import { createBuilder } from '../../../src/build/builder.ts'
import type { BuildDeps, RunStepRequest } from '../../../src/build/deps.ts'
import { CacheMounts } from '../../../src/build/graph/cache-mounts.ts'
import type { GraphSolver } from '../../../src/build/graph/solver.ts'
import { RootFiles } from '../../../src/snapshot/root-files.ts'
import { WorkerPool } from '../../../src/snapshot/worker-pool.ts'
import type { BuildOptions } from '../../../src/spec/engine-api/build-verbs.ts'
import type { ProgressMessage } from '../../../src/spec/engine-api/engine.ts'
import type { ExecutionConfig, ImageConfig } from '../../../src/spec/oci-image.ts'
import { type Harness, openImages } from '../images/harness.ts'

export interface Built {
  readonly messages: readonly ProgressMessage[]
  /** all streams, ids replaced by `ID` */
  readonly text: string
  readonly error: string | undefined
}

export interface BuildHarness extends AsyncDisposable {
  readonly here: Harness
  readonly solver: GraphSolver
  build(files: Readonly<Record<string, string>>, options?: Partial<BuildOptions>): Promise<Built>
  /** the most commands that ran at a time */
  most(): number
  /** how often a context was unpacked */
  unpacked(): number
  /** forgets every step; images stay */
  forget(): Promise<unknown>
  buildTar(tar: Buffer, options?: Partial<BuildOptions>): Promise<Built>
  image(name: string): ImageConfig & { readonly config: ExecutionConfig }
  /** lines `mode uid:gid path` of a whole image, and contents */
  tree(name: string): string
  read(name: string, path: string): string
  /** the whole image as a tar */
  raw(name: string): Buffer
}

/** A builder on a temporary root; RUN is a chroot, and `base:latest` holds busybox. */
export async function openBuilder(base = 'base'): Promise<BuildHarness> {
  const here = openImages()
  const db = new Database(join(here.dir, 'build.db'))
  let [running, most] = [0, 0]
  const runStep = async (request: RunStepRequest) => {
    most = Math.max(most, ++running)
    try {
      return await chroot(here, request)
    } finally {
      running--
    }
  }
  let unpacked = 0
  const { extract } = here.snapshots
  here.snapshots.extract = (archive, options) => {
    unpacked++
    return extract.call(here.snapshots, archive, options)
  }
  const caches = new CacheMounts(join(here.dir, 'caches'))
  const dir = join(here.dir, 'build')
  const workers = new WorkerPool()
  const deps: BuildDeps = {
    db,
    images: here.images,
    snapshots: here.snapshots,
    log: silentLog,
    dir,
    caches,
    files: new RootFiles(workers),
    runStep,
  }
  const builder = createBuilder(deps, { id: 'test', cacheLimit: () => 1e12, isExperimental: () => true })
  builder.recover()
  await here.images.import(
    Readable.from([busyboxTar()]),
    { ...imported, repo: base, changes: base === 'base' ? imported.changes : plain },
    () => {},
  )
  const buildTar = async (tar: Buffer, options: Partial<BuildOptions> = {}) => {
    const messages: ProgressMessage[] = []
    await builder.build({ tags: ['x:1'], ...options }, Readable.from([tar]), message => messages.push(message))
    const text = messages
      .map(({ stream }) => stream ?? '')
      .join('')
      .replace(/\b[0-9a-f]{12}\b/g, 'ID')
    return { messages, text, error: messages.at(-1)?.error }
  }
  const inRoot = (name: string, script: string) => {
    const mount = here.snapshots.mount(here.images.resolve(name).chainId)
    return execFileSync('unshare', ['-m', 'sh', '-c', mounted(mount.options.join(','), `cd /mnt; ${script}`)], {
      maxBuffer: 1 << 28,
    })
  }
  return {
    here,
    solver: builder.solver,
    most: () => most,
    unpacked: () => unpacked,
    buildTar,
    forget: () => builder.prune({ filters: new Map(), all: true }),
    build: (files, options) => buildTar(tarOf(files), options),
    image: name => here.images.resolve(name).config as ImageConfig & { config: ExecutionConfig },
    tree: name => inRoot(name, `find . -mindepth 1 -printf '%m %U:%G %p\\n' | sort -k3`).toString(),
    read: (name, path) => inRoot(name, `cat '.${path}'`).toString(),
    raw: name => inRoot(name, "tar -c --transform 's,^[.]/,,' ."),
    [Symbol.asyncDispose]: async () => {
      db[Symbol.dispose]()
      await here[Symbol.asyncDispose]()
    },
  }
}

const imported = { repo: 'base', tag: 'latest', message: '', changes: ['CMD ["/bin/sh"]', 'ENV BASE=1'] }

const plain = ['CMD ["sh"]', 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin']

const mounted = (options: string, script: string) => `mount -t overlay -o '${options}' overlay /mnt && { ${script}; }`

async function chroot(here: Harness, request: RunStepRequest): Promise<number> {
  const { options } = here.snapshots.mount(request.chainId, { upper: request.upper, work: request.work })
  const binds = request.mounts.map(
    ({ type, source, options, destination }) =>
      `mount ${type === 'bind' ? '--bind' : `-t ${type} -o '${options.join(',')}'`} '${source}' '/mnt${destination}';`,
  )
  const script = mounted(options.join(','), `${binds.join('')} exec env -i -- "$@"`)
  const [uid] = /^\d+/.exec(request.user) ?? []
  const as = uid ? [`--userspec=${uid}:0`] : []
  const inner = [
    `HOME=${uid ? '/' : '/root'}`,
    'chroot',
    ...as,
    '/mnt',
    '/bin/busybox',
    'sh',
    '-c',
    'cd "$0" && exec "$@"',
    request.workdir,
  ]
  const child = spawn('unshare', ['-m', 'sh', '-c', script, 'sh', ...request.env, ...inner, ...request.command])
  for (const output of ['stdout', 'stderr'] as const) child[output].on('data', chunk => request.onOutput(chunk, output))
  const [code] = await once(child, 'close')
  return code as number
}

/** A tar of text files; a name that ends with a slash is a directory. */
export function tarOf(files: Readonly<Record<string, string>>): Buffer {
  const dir = mkdtempSync('/var/tmp/context-')
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(dir, dirname(name)), { recursive: true })
      if (name.endsWith('/')) mkdirSync(join(dir, name), { recursive: true })
      else writeFileSync(join(dir, name), text)
    }
    return execFileSync('tar', ['-C', dir, '-c', '.'], { maxBuffer: 1 << 28 })
  } finally {
    rmSync(dir, { recursive: true })
  }
}

function busyboxTar(): Buffer {
  const dir = mkdtempSync('/var/tmp/base-')
  const script = `mkdir -p bin etc tmp && chmod 1777 tmp && cp /usr/bin/busybox bin/busybox && for x in sh cat echo ls mkdir touch env rm chmod id; do ln -s busybox bin/$x; done
echo 'root:x:0:0:root:/:/bin/sh
app:x:100:101::/:/bin/sh' > etc/passwd; echo 'app:x:101:' > etc/group; mkdir target; ln -s /target link; tar -c .`
  try {
    return execFileSync('sh', ['-c', script], { cwd: dir, maxBuffer: 1 << 28 })
  } finally {
    rmSync(dir, { recursive: true })
  }
}
