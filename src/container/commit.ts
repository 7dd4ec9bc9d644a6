import { EngineError } from '../base/errors.ts'
import { applyChanges } from '../image/apply-changes.ts'
import type { CommitOptions } from '../image/commit.ts'
import type { CommitRequest } from '../image/deps.ts'
import type { Digest } from '../spec/digest.ts'
import type { ContainerConfig } from '../spec/engine-api/container.ts'
import type { ExecutionConfig } from '../spec/oci-image.ts'
import { parseReference } from '../spec/reference.ts'
import type { ContainerDeps } from './deps.ts'
import { emitFor } from './events.ts'
import { holdStill } from './hold-still.ts'
import { mergeImage } from './merge-image.ts'
import type { ContainerRecord } from './record.ts'
import { makeContainerDir, upperDir } from './rootfs.ts'

const kept: readonly (keyof ContainerConfig & keyof ExecutionConfig)[] = [
  'User',
  'ExposedPorts',
  'Env',
  'Entrypoint',
  'Cmd',
  'Volumes',
  'WorkingDir',
  'Labels',
  'StopSignal',
  'ArgsEscaped',
  'Healthcheck',
  'OnBuild',
  'Shell',
]

/** What an image keeps of a container's configuration. */
const toExecutionConfig = (config: ContainerConfig): ExecutionConfig =>
  Object.fromEntries(kept.flatMap(name => (config[name] === undefined ? [] : [[name, config[name]]])))

function configOf(record: ContainerRecord, { config, changes }: CommitRequest): ExecutionConfig {
  const own = toExecutionConfig(record.config)
  const changed = applyChanges(config ? toExecutionConfig(config) : own, changes)
  return config ? toExecutionConfig(mergeImage(changed as ContainerConfig, own)) : changed
}

/** @throws EngineError `invalid` with Docker's text */
function checkName({ repo, tag }: CommitRequest): void {
  if (repo) parseReference(repo)
  if (repo && tag && !/^\w[\w.-]{0,127}$/.test(tag)) throw new EngineError('invalid', 'invalid tag format')
}

/** Makes an image of what a container has written; unless told not to, it stands still meanwhile. */
export async function commitContainer(
  deps: ContainerDeps,
  commitImage: (options: CommitOptions) => Promise<Digest>,
  request: CommitRequest,
): Promise<{ readonly Id: string }> {
  checkName(request)
  const record = deps.store.find(request.container)
  const { status } = record.state
  if (status === 'removing' || status === 'dead') {
    const what = status === 'dead' ? 'Dead' : 'being removed'
    throw new EngineError('conflict', `You cannot commit container ${record.id} which is ${what}`)
  }
  const config = configOf(record, request)
  await using _still = request.pause && status === 'running' ? await holdStill(deps, record.id) : undefined
  const Id = await commitImage({
    parent: record.imageId || undefined,
    layer: { upper: upperDir(makeContainerDir(deps, record.id)) },
    config,
    comment: request.comment,
    author: request.author,
    createdBy: (record.config.Cmd ?? []).join(' '),
    container: record.id,
    repo: request.repo,
    tag: request.tag,
  })
  const repo = request.repo.replace(/^docker\.io\/(library\/)?/, '')
  const imageRef = repo && `${repo}:${request.tag || 'latest'}`
  emitFor(deps, record, 'commit', { comment: request.comment, imageID: Id, imageRef })
  return { Id }
}
