import { chmodSync, chownSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join, posix } from 'node:path'
import { EngineError } from '../../../base/errors.ts'
import { withoutPassword } from '../../../base/without-password.ts'
import { hostPlatform, parsePlatform } from '../../../image/platform.ts'
import { copyChildren } from '../../../snapshot/copy-tree.ts'
import { hashTree } from '../../../snapshot/hash-tree.ts'
import { type LowLevelOp, resultScheme } from '../../../spec/engine-api/low-level.ts'
import type { Attributes } from '../../../spec/engine-api/solver.ts'
import type { Platform } from '../../../spec/oci-image.ts'
import { checkOut, directoryIn, type GitAddress } from '../../ops/git.ts'
import { download } from '../../ops/sources.ts'
import type { BaseImages } from '../base-images.ts'
import { liveResult } from '../input-context.ts'
import { imageOfLayout } from '../layout-context.ts'
import type { StepProgress } from '../progress.ts'
import { lentBy } from '../remote-context.ts'
import type { Stack } from '../run-steps.ts'
import { emptyStack, type Making, putLayer } from './layers.ts'

export interface Sources extends Making {
  readonly images: BaseImages
}

type Source = NonNullable<LowLevelOp['source']>
type Read = (sources: Sources, rest: string, attributes: Attributes, name: string, platform: Platform) => Promise<Stack>

const schemes: Readonly<Record<string, Read>> = {
  'docker-image': readImage,
  local: readLocal,
  git: readGit,
  http: readHttp,
  https: readHttp,
  'oci-layout': readLayout,
}

/** The files that a source stands for. */
export async function readSource(
  sources: Sources,
  { identifier, attributes }: Source,
  name: string | undefined,
  given: LowLevelOp['platform'],
): Promise<Stack> {
  if (identifier.startsWith(resultScheme)) {
    const { stack } = liveResult(sources.request.results, identifier.slice(resultScheme.length))
    if (stack.chainId) sources.request.keep.use(sources.request.deps.images.pin([stack.chainId]))
    return stack
  }
  const [, scheme = '', rest = ''] = /^([a-z-]+):\/\/(.*)$/s.exec(identifier) ?? []
  const read = schemes[scheme]
  if (!read)
    throw new EngineError('invalid', `failed to load cache key: unknown scheme ${scheme || identifier}: not found`)
  return read(sources, rest, { ...attributes, identifier }, name ?? withoutPassword(identifier), platformOf(given))
}

const platformOf = (given: LowLevelOp['platform']): Platform =>
  given?.OS
    ? parsePlatform([given.OS, given.Architecture, given.Variant].filter(Boolean).join('/'), hostPlatform())
    : hostPlatform()

async function readImage(
  { images }: Sources,
  rest: string,
  _: Attributes,
  _name: string,
  platform: Platform,
): Promise<Stack> {
  const { chainId, config } = await images.get(rest, platform)
  return { chainId, diffIds: config.rootfs.diff_ids }
}

function listOf(attributes: Attributes, name: string): readonly string[] | undefined {
  const text = attributes[name]
  if (!text) return undefined
  try {
    return JSON.parse(text) as readonly string[]
  } catch {
    throw new EngineError('invalid', `invalid ${name}: ${text}`)
  }
}

async function readLocal(sources: Sources, directory: string, attributes: Attributes, name: string): Promise<Stack> {
  const { request, signal } = sources
  const step = request.progress.step(name)
  step.start()
  const wanted = {
    include: listOf(attributes, 'local.includepattern') ?? [],
    exclude: listOf(attributes, 'local.excludepatterns') ?? [],
    follow: listOf(attributes, 'local.followpaths') ?? [],
    signal,
  }
  return failing(step, async () => {
    using received = await request.directories.receive(request.client, directory, wanted, step, 'files')
    const fill = ({ upper }: { readonly upper: string }) =>
      copyChildren(received.path, upper, { owner: { uid: 0, gid: 0 }, signal })
    const inputs = ['local', await hashTree(received.path, { signal })]
    return putLayer(sources, { below: emptyStack, inputs, step, fill })
  })
}

async function failing<T>(step: StepProgress, body: () => Promise<T>): Promise<T> {
  try {
    return await body()
  } catch (error) {
    step.fail(error)
    throw error
  }
}

function gitAddress(rest: string, attributes: Attributes): GitAddress {
  const [plain = '', fragment = ''] = rest.split('#', 2)
  const [ref = '', directory = ''] = fragment.split(':', 2)
  return {
    remote: attributes['git.fullurl'] || `https://${plain}`,
    ref: ref || undefined,
    directory: posix.join('/', directory),
    checksum: attributes['git.checksum'] || undefined,
    submodules: attributes['git.skipsubmodules'] !== 'true',
  }
}

function readGit(sources: Sources, rest: string, attributes: Attributes, name: string): Promise<Stack> {
  const { request, signal } = sources
  const { deps, client, progress } = request
  const address = gitAddress(rest, attributes)
  const keepDir = attributes['git.keepgitdir'] === 'true'
  const step = progress.step(name)
  step.start()
  return failing(step, async () => {
    const place = mkdtempSync(join(deps.dir, 'step-'))
    try {
      const commit = await checkOut(address, place, { keepDir, signal, ...lentBy(client) })
      const from = directoryIn(place, address)
      const fill = ({ upper }: { readonly upper: string }) => copyChildren(from, upper, { signal })
      const inputs = ['git', address.remote, commit, address.directory, `${keepDir}`]
      return await putLayer(sources, { below: emptyStack, inputs, step, fill })
    } finally {
      rmSync(place, { recursive: true, force: true })
    }
  })
}

function readHttp(sources: Sources, _: string, attributes: Attributes, name: string): Promise<Stack> {
  const { request, signal } = sources
  const url = attributes.identifier!
  const step = request.progress.step(name)
  step.start()
  return failing(step, async () => {
    const place = mkdtempSync(join(request.deps.dir, 'step-'))
    try {
      const { file, digest } = await download(url, place, signal)
      const { 'http.checksum': checksum, 'http.filename': called } = attributes
      if (checksum && checksum !== digest) throw new EngineError('invalid', `digest mismatch ${digest}: ${checksum}`)
      const target = posix.basename(called || file) || 'download'
      const mode = Number.parseInt(attributes['http.perm'] || '0600', 8)
      const [uid, gid] = [Number(attributes['http.uid'] ?? 0), Number(attributes['http.gid'] ?? 0)]
      const fill = async ({ upper }: { readonly upper: string }) => {
        renameSync(join(place, file), join(upper, target))
        chmodSync(join(upper, target), mode)
        chownSync(join(upper, target), uid, gid)
      }
      const inputs = ['http', digest, target, `${mode} ${uid}:${gid}`]
      return await putLayer(sources, { below: emptyStack, inputs, step, fill })
    } finally {
      rmSync(place, { recursive: true, force: true })
    }
  })
}

async function readLayout({ request }: Sources, rest: string, attributes: Attributes, _: string, platform: Platform) {
  const [, digest] = rest.split('@', 2)
  const store = attributes['oci.store'] || rest.replace(/[:@].*$/, '')
  const pin = (chain: Parameters<Parameters<typeof imageOfLayout>[4]>[0]) =>
    void request.keep.use(request.deps.images.pin([chain]))
  const { chainId, config } = await imageOfLayout(request, store, `oci-layout://${store}@${digest}`, platform, pin)
  return { chainId, diffIds: config.rootfs.diff_ids }
}
