import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Database } from '../base/database.ts'
import { KeyedMutex } from '../base/keyed-mutex.ts'
import type { Log } from '../base/log.ts'
import { LocalContentStore } from '../content/local-content-store.ts'
import { HtpasswdAccess, openAccess } from './access.ts'
import { type RegistryConfig, toFixedTags } from './config.ts'
import { collectGarbage } from './gc.ts'
import { Metrics } from './metrics.ts'
import { Repositories } from './repositories.ts'
import type { Context } from './request.ts'
import { lockRoot } from './root-lock.ts'
import { Uploads } from './uploads.ts'

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
  const content = new LocalContentStore(config.root)
  await content.recover()
  const db = undo.use(new Database(join(config.root, 'registry.db')))
  const uploads = new Uploads(content, {
    idleMillis: config.uploadIdleSeconds * 1000,
    maxOpen: config.maxUploads,
    maxBytes: config.maxBlobBytes,
  })
  const access = config.htpasswd
    ? new HtpasswdAccess({ path: config.htpasswd, anonymousRead: config.anonymous === 'read' })
    : openAccess
  const repositories = new Repositories(db)
  const context: Context = {
    content,
    repositories,
    uploads,
    access,
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

function startJobs(context: Context, config: RegistryConfig): AsyncDisposable {
  let running: Promise<unknown> | undefined
  const collect = () => {
    running ??= collectGarbage(context, { graceMillis: config.gcGraceSeconds * 1000, untagged: config.gcUntagged })
      .then(
        collected => context.log.info('garbage collected', { ...collected }),
        error => context.log.error('garbage collection failed', { error }),
      )
      .finally(() => {
        running = undefined
      })
  }
  const expire = () => context.uploads.expire().catch(error => context.log.error('uploads not expired', { error }))
  const timers = [setInterval(expire, expiryMillis)]
  if (config.gcIntervalSeconds > 0) timers.push(setInterval(collect, config.gcIntervalSeconds * 1000))
  for (const timer of timers) timer.unref()
  return {
    async [Symbol.asyncDispose]() {
      for (const timer of timers) clearInterval(timer)
      await running
    },
  }
}
