import type { VolumeVerbs } from '../../../spec/engine-api/engine.ts'
import { command } from '../../command.ts'
import { toMap } from '../container/create-request.ts'

const flags = {
  freeze: { type: 'bool', help: 'Freeze the containers that use it meanwhile, so that no write is cut in two' },
  label: { type: 'list', help: 'Label of the new volume' },
} as const

interface Wish {
  readonly freeze: boolean
  readonly label: readonly string[]
  readonly snapshot: boolean
}

async function copy(volumes: VolumeVerbs, from: string, to: string, wish: Wish): Promise<string> {
  const { freeze, label, snapshot } = wish
  const { Name } = await volumes.copy(from, {
    Name: to,
    Freeze: freeze,
    Snapshot: snapshot,
    ...(label.length ? { Labels: toMap(label) } : {}),
  })
  return Name!
}

export const clone = command({
  usage: '[OPTIONS] VOLUME NEW_NAME',
  summary: 'Make a volume with the files of another',
  details: 'Make a volume with the files of another. File systems that can share blocks do (btrfs, XFS).',
  minArgs: 2,
  maxArgs: 2,
  complete: 'volume',
  flags,
  async run({ args: [from = '', to = ''], engine, flags, out }) {
    out.line(await copy(engine.volumes, from, to, { ...flags, snapshot: false }))
  },
})

/** `data-20260102T030405Z` */
const snapshotName = (name: string): string => `${name}-${new Date().toISOString().replace(/[-:]|\.\d+/g, '')}`

export const snapshot = command({
  usage: '[OPTIONS] VOLUME [NAME]',
  summary: 'Keep the files of a volume as they are now',
  details:
    'Keep the files of a volume as they are now, in a volume that containers can read only. Clone it to go back.',
  minArgs: 1,
  maxArgs: 2,
  complete: 'volume',
  flags,
  async run({ args: [from = '', to], engine, flags, out }) {
    out.line(await copy(engine.volumes, from, to ?? snapshotName(from), { ...flags, snapshot: true }))
  },
})
