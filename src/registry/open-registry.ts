import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileAtomic } from '../base/atomic-file.ts'
import { Database } from '../base/database.ts'
import { KeyedMutex } from '../base/keyed-mutex.ts'
import type { Log } from '../base/log.ts'
import { LocalContentStore } from '../content/local-content-store.ts'
import { S3ContentStore } from '../content/s3-content-store.ts'
import { S3Objects } from '../content/s3-objects.ts'
import { type Access, openAccess, UserAccess } from './access.ts'
import { AuditLog } from './audit.ts'
import { type RegistryConfig, toFixedTags } from './config.ts'
import { collectGarbage } from './gc.ts'
import { Metrics } from './metrics.ts'
import { Passwords } from './passwords.ts'
import { Quotas } from './quotas.ts'
import { RateLimiter } from './rate-limit.ts'
import { Repositories } from './repositories.ts'
import type { Context } from './request.ts'
import { applyRetention, retentionOf } from './retention.ts'
import { Robots } from './robots.ts'
import { lockRoot } from './root-lock.ts'
import { toDecision } from './rules.ts'
import { scrub } from './scrub.ts'
import { SharedIndex } from './shared/shared-index.ts'
import { SharedTables } from './shared/shared-tables.ts'
import { SharedUploads } from './shared/shared-uploads.ts'
import { Tokens } from './tokens.ts'
import { Uploads } from './uploads.ts'
import { Upstreams } from './upstreams.ts'
import { Webhooks } from './webhooks.ts'

export interface Registry extends AsyncDisposable {
  readonly context: Context
  [Symbol.asyncDispose](): Promise<void>
}

const expiryMillis = 30_000

/** Opens what is on disk below `config.root`, tidied of what a crash left, and keeps it tidy. */
export async function openRegistry(config: RegistryConfig, log: Log): Promise<Registry> {
  mkdirSync(config.root, { recursive: true, mode: 0o700 })
  await using undo = new AsyncDisposableStack()
  undo.use(lockRoot(config.root))
  const db = undo.use(new Database(join(config.root, 'registry.db')))
  const store = await openStore(config, db)
  const { content, repositories, shared, uploads } = store
  const webhooks = undo.use(new Webhooks(config.webhooks ?? [], db, log))
  const audit = config.auditLog ? new AuditLog(config.auditLog, config.auditReads, log) : undefined
  undo.defer(() => audit?.close())
  const context: Context = {
    content,
    repositories,
    uploads,
    shared,
    access: openAccessOf(config),
    quotas: new Quotas(config.quotas ?? [], repositories),
    emit: event => webhooks.emit(event),
    upstreams: config.upstreams?.length ? new Upstreams(config.upstreams) : undefined,
    limiter: config.rateLimit ? new RateLimiter(config.rateLimit) : undefined,
    audit,
    isFixedTag: toFixedTags(config),
    locks: new KeyedMutex(),
    log,
    metrics: new Metrics(),
    now: Date.now,
  }
  undo.defer(() => uploads.expire(0))
  undo.use(startJobs(context, config))
  const opened = undo.move()
  return { context, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}

/** Blobs, what is known of them, and uploads: in files of ours, or in a bucket, which others may share. */
async function openStore(config: RegistryConfig, db: Database) {
  const scratch = join(config.root, 'ingest')
  const limits = {
    idleMillis: config.uploadIdleSeconds * 1000,
    maxOpen: config.maxUploads,
    maxBytes: config.maxBlobBytes,
  }
  if (!config.s3?.shared) {
    const content = config.s3 ? new S3ContentStore(config.s3, scratch) : new LocalContentStore(config.root)
    await content.recover()
    return { content, repositories: new Repositories(db), shared: undefined, uploads: new Uploads(content, limits) }
  }
  const content = new S3ContentStore(config.s3, scratch, { isShared: true })
  await content.recover()
  const objects = new S3Objects(config.s3)
  const tables = new SharedTables(objects)
  const repositories = new Repositories(tables)
  const shared = new SharedIndex(objects, tables, repositories, content)
  await shared.refresh()
  return { content, repositories, shared, uploads: new SharedUploads(objects, new Uploads(content, limits), scratch) }
}

function openAccessOf({ root, htpasswd, robots, rules, anonymous, tokens, tokenRealm }: RegistryConfig): Access {
  if (!htpasswd && !robots) return openAccess
  return new UserAccess({
    passwords: new Passwords({ path: htpasswd, robots: robots ? new Robots(robots) : undefined }),
    decide: toDecision(rules, anonymous === 'read'),
    tokens: tokens ? new Tokens(tokenKey(join(root, 'token.key'))) : undefined,
    realm: tokenRealm,
  })
}

/** Made once, so that tokens outlive a restart. */
function tokenKey(path: string): Buffer {
  if (!existsSync(path)) writeFileAtomic(path, randomBytes(32), 0o600)
  return readFileSync(path)
}

/** One turn of tidying: rules for tags first, then what nobody needs. */
async function tidy(context: Context, config: RegistryConfig): Promise<void> {
  const { shared, uploads } = context
  if (!shared) return tidyAlone(context, config)
  await shared.alone('collection', leaseMillis, context.now(), async () => {
    await shared.refresh()
    await tidyAlone(context, config)
    if (uploads instanceof SharedUploads) await uploads.sweep(context.now() - config.uploadIdleSeconds * 1000)
  })
}

/** A registry that holds this longer to tidy is taken for dead. */
const leaseMillis = 3600_000

async function tidyAlone(context: Context, config: RegistryConfig): Promise<void> {
  const rules = config.retention ?? []
  const tags = await applyRetention(context, rules)
  const collected = await collectGarbage(context, {
    graceMillis: config.gcGraceSeconds * 1000,
    untagged: config.gcUntagged,
    untaggedIn: repository => retentionOf(rules, repository) !== undefined,
    copyMillis: config.copyDays * 24 * 3600_000,
  })
  context.metrics.collected(collected)
  context.log.info('garbage collected', { tags, ...collected })
}

const scrubBytesPerSecond = 64 << 20

async function checkAll(context: Context, signal: AbortSignal): Promise<void> {
  const { blobs, damaged } = await scrub(context, { bytesPerSecond: scrubBytesPerSecond, signal })
  context.metrics.damaged += damaged.length
  context.log.info('blobs checked', { blobs, damaged: damaged.length })
}

/** Runs `work` one at a time. */
function alone(name: string, { log }: Context, work: () => Promise<void>) {
  let running: Promise<void> | undefined
  const start = () => {
    running ??= work()
      .catch(error => log.error(`${name} failed`, { error }))
      .finally(() => {
        running = undefined
      })
  }
  return { start, done: () => running }
}

function startJobs(context: Context, config: RegistryConfig): AsyncDisposable {
  const stop = new AbortController()
  const tidying = alone('garbage collection', context, () => tidy(context, config))
  const checking = alone('check of blobs', context, () => checkAll(context, stop.signal))
  const expire = () => context.uploads.expire().catch(error => context.log.error('uploads not expired', { error }))
  const timers = [setInterval(expire, expiryMillis)]
  if (config.gcIntervalSeconds > 0) timers.push(setInterval(tidying.start, config.gcIntervalSeconds * 1000))
  if (config.scrubIntervalSeconds > 0) timers.push(setInterval(checking.start, config.scrubIntervalSeconds * 1000))
  for (const timer of timers) timer.unref()
  return {
    async [Symbol.asyncDispose]() {
      for (const timer of timers) clearInterval(timer)
      stop.abort()
      await Promise.all([tidying.done(), checking.done()])
    },
  }
}
