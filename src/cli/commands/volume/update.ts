import { command } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import { toMap } from '../container/create-request.ts'

export const update = command({
  usage: '[OPTIONS] [VOLUME]',
  summary: 'Change labels of a volume, or a cluster volume',
  minArgs: 1,
  maxArgs: 1,
  complete: 'volume',
  flags: {
    availability: { type: 'string', help: 'active, pause or drain', default: 'active', since: '1.42' },
    'label-add': { type: 'list', help: 'Label to set (Berth only)', hidden: true },
    'label-rm': { type: 'list', help: 'Label to take away (Berth only)', hidden: true },
  },
  async run({ args: [name = ''], changed, engine, flags }) {
    if (changed.has('label-add') || changed.has('label-rm')) {
      const removed = Object.fromEntries(flags['label-rm'].map(key => [key, null]))
      await engine.volumes.relabel(name, { ...toMap(flags['label-add']), ...removed })
      return
    }
    const volume = (await engine.volumes.inspect(name)) as {
      ClusterVolume?: { Version?: { Index?: number }; Spec?: object }
    }
    if (!volume.ClusterVolume) throw new ExitError(1, 'Can only update cluster volumes')
    const { Spec, Version } = volume.ClusterVolume
    const spec = { ...Spec, ...(changed.has('availability') ? { Availability: flags.availability } : {}) }
    const query = { version: String(Version?.Index ?? 0) }
    await engine.requestJson({ method: 'PUT', path: `/volumes/${name}`, query, body: { Spec: spec } })
  },
})
