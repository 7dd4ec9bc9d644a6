import { readFileSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { Secret } from '../base/secret.ts'
import { RegistryError } from '../remote/registry-error.ts'
import { type Repository, withRepository } from '../remote/repository.ts'
import type { Digest } from '../spec/digest.ts'
import { parseReference } from '../spec/reference.ts'
import { OciError } from './errors.ts'
import { parseManifest } from './manifest.ts'
import type { Context } from './request.ts'

export interface Upstream {
  /** repositories `<prefix>/…` are copies of what `registry` has; empty: all that nobody pushed here */
  readonly prefix: string
  /** host of the registry; `docker.io` is Docker Hub */
  readonly registry: string
  readonly username?: string | undefined
  readonly passwordFile?: string | undefined
  /** may be spoken to without verified TLS */
  readonly insecure?: boolean | undefined
  /** so long a tag is not asked for again */
  readonly ttlSeconds?: number | undefined
}

interface Wanted {
  readonly tag?: string
  readonly digest?: Digest
}

interface Source {
  readonly upstream: Upstream
  readonly path: string
}

const defaultTtlSeconds = 300
/** After a failure the copy serves so long without asking. */
const pauseMillis = 60_000

/** Copies of other registries, fetched when somebody asks, and served when nobody else does. */
export class Upstreams {
  readonly #upstreams: readonly Upstream[]
  readonly #checkAgainAt = new Map<string, number>()
  readonly #flights = new Map<Digest, Promise<void>>()

  constructor(upstreams: readonly Upstream[]) {
    this.#upstreams = upstreams.toSorted((a, b) => b.prefix.length - a.prefix.length)
  }

  /** Whether a repository is a copy, which nobody may push to. */
  isCopy(name: string): boolean {
    return (this.#find(name)?.upstream.prefix ?? '') !== ''
  }

  /**
   * Makes a manifest that may be here the newest there is.
   *
   * @throws OciError when the upstream has none, or fails while there is no copy
   */
  async bringManifest(context: Context, name: string, wanted: Wanted): Promise<void> {
    const source = this.#find(name)
    if (!source) return
    const { repositories, now, log, content } = context
    const known = repositories.findManifest(name, wanted)
    const isHere = known !== undefined && content.has(known.digest)
    if (isHere && (wanted.digest !== undefined || known.cachedAt === undefined)) return
    const key = `${name}:${wanted.tag}`
    if (isHere && (this.#checkAgainAt.get(key) ?? 0) > now()) return
    try {
      await this.#fetchManifest(context, source, name, wanted, isHere ? known.digest : undefined)
      this.#remember(key, now() + (source.upstream.ttlSeconds ?? defaultTtlSeconds) * 1000)
    } catch (error) {
      if (!isHere || (error instanceof RegistryError && error.status === 404))
        throw toOciError(error, 'MANIFEST_UNKNOWN')
      this.#remember(key, now() + pauseMillis)
      log.warn('upstream failed, its copy is served', { repository: name, error })
    }
  }

  /** Tags that the upstream has; undefined when it is not asked, or does not answer. */
  async tags(name: string): Promise<readonly string[] | undefined> {
    const source = this.#find(name)
    if (!source?.upstream.prefix) return undefined
    return this.#ask(source, 5_000, repository => repository.tags()).catch(() => undefined)
  }

  /** Bytes of a blob that is not here; undefined when no upstream is to be asked. */
  async openBlob(context: Context, name: string, digest: Digest) {
    const source = this.#find(name)
    if (!source) return undefined
    const size = sizeInManifests(context, name, digest)
    if (size === undefined) return undefined // nobody can tell which repository it belongs to
    const copyTo = async (out: Writable) => {
      const flight = this.#flights.get(digest)
      if (!flight) return await this.#fetchBlob(context, source, name, { digest, size }, out)
      await flight
      await context.content.copyTo(digest, out)
    }
    return { size, copyTo }
  }

  #find(name: string): Source | undefined {
    for (const upstream of this.#upstreams) {
      const { prefix } = upstream
      if (prefix === '') return { upstream, path: name }
      if (name.startsWith(`${prefix}/`)) return { upstream, path: name.slice(prefix.length + 1) }
    }
    return undefined
  }

  async #fetchManifest(context: Context, source: Source, name: string, wanted: Wanted, known: Digest | undefined) {
    const target = wanted.digest ?? wanted.tag!
    const fetched = await this.#ask(source, known ? 3_000 : 30_000, async repository => {
      const newest = known && (await repository.headManifest(target))
      return newest !== undefined && newest === known ? undefined : repository.manifest(target)
    })
    if (!fetched) return
    const { bytes, descriptor } = fetched
    const { digest, size, mediaType } = descriptor
    const facts = parseManifest(bytes, mediaType)
    using _lock = await context.locks.acquire(digest)
    await context.content.putBytes(bytes)
    const at = context.now()
    context.repositories.addManifest({ ...facts, repository: name, digest, size, usedAt: at, cachedAt: at })
    if (wanted.tag !== undefined) context.repositories.tag(name, wanted.tag, digest)
  }

  /** Sends bytes on while they come, and keeps them, also when the client leaves. */
  async #fetchBlob(
    context: Context,
    source: Source,
    name: string,
    blob: { digest: Digest; size: number },
    out: Writable,
  ) {
    const { content, repositories, locks } = context
    const run = async () => {
      await this.#ask(source, undefined, async repository => {
        await using writer = await content.writer(blob)
        for await (const chunk of await repository.blob(blob.digest, 0)) {
          await writer.write(chunk)
          if (!out.destroyed && !out.write(chunk)) await drained(out)
        }
        using _lock = await locks.acquire(blob.digest)
        await writer.commit()
        repositories.link(name, blob.digest, blob.size)
      })
    }
    const flight = run().finally(() => this.#flights.delete(blob.digest))
    this.#flights.set(blob.digest, flight)
    await flight
  }

  #ask<T>(
    { upstream, path }: Source,
    millis: number | undefined,
    body: (repository: Repository) => Promise<T>,
  ): Promise<T> {
    const { registry, username, passwordFile, insecure } = upstream
    const reference = parseReference(`${registry}/${path}`)
    const password = passwordFile === undefined ? '' : readFileSync(passwordFile, 'utf8').trim()
    const auth = username === undefined ? undefined : { username, password: new Secret(password) }
    const config = {
      proxyEnv: process.env,
      userAgent: 'berth-registry',
      ...(insecure ? { insecureRegistries: [registry] } : {}),
    }
    const signal = millis === undefined ? undefined : AbortSignal.timeout(millis)
    return withRepository(reference, 'pull', { auth, config, signal }, body)
  }

  #remember(key: string, at: number): void {
    this.#checkAgainAt.set(key, at)
    if (this.#checkAgainAt.size > 100_000) this.#checkAgainAt.delete(this.#checkAgainAt.keys().next().value!)
  }
}

function sizeInManifests({ repositories }: Context, name: string, digest: Digest): number | undefined {
  for (const { blobs, cachedAt } of repositories.get(name)?.manifests.values() ?? []) {
    const found = cachedAt === undefined ? undefined : blobs.find(blob => blob.digest === digest)
    if (found) return found.size
  }
  return undefined
}

const drained = (out: Writable) =>
  new Promise<void>(resolve => {
    const done = () => {
      out.off('drain', done).off('close', done)
      resolve()
    }
    out.on('drain', done).on('close', done)
  })

export function toOciError(error: unknown, missing: 'MANIFEST_UNKNOWN' | 'BLOB_UNKNOWN'): unknown {
  if (error instanceof OciError) return error
  if (!(error instanceof RegistryError)) return new OciError('UNKNOWN', 'the upstream does not answer', { status: 502 })
  const { status, retryAfterSeconds } = error
  if (status === 404 || status === 401 || status === 403) return new OciError(missing)
  if (status !== 429) return new OciError('UNKNOWN', `the upstream answered ${status}`, { status: 502 })
  return new OciError('TOOMANYREQUESTS', undefined, { headers: { 'Retry-After': String(retryAfterSeconds ?? 60) } })
}
