import { swarmGroup } from './table.ts'

export const node = swarmGroup(
  'node',
  'Members of a swarm',
  {
    demote: { usage: 'NODE [NODE...]', summary: 'Make managers plain workers', args: [1], path: '/nodes/{}' },
    inspect: {
      usage: '[OPTIONS] self|NODE [NODE...]',
      summary: 'Show everything about one or more nodes',
      flags: 'f,format:string pretty',
      args: [1],
      path: '/nodes/{}',
      kind: 'inspect',
      resolvesSelf: true,
    },
    ls: {
      usage: '[OPTIONS]',
      summary: 'Show the nodes of the swarm',
      aliases: ['node ls', 'node list'],
      flags: 'f,filter:filter format:string q,quiet',
      path: '/nodes',
    },
    promote: { usage: 'NODE [NODE...]', summary: 'Make nodes managers', args: [1], path: '/nodes/{}' },
    ps: {
      usage: '[OPTIONS] [NODE...]',
      summary: 'Show the tasks of nodes',
      flags: 'f,filter:filter format:string no-resolve no-trunc q,quiet',
      args: [0],
      path: '/nodes/{}',
      filters: false,
      resolvesSelf: true,
    },
    rm: {
      usage: '[OPTIONS] NODE [NODE...]',
      summary: 'Take nodes out of the swarm',
      aliases: ['node rm', 'node remove'],
      flags: 'f,force',
      args: [1],
      method: 'DELETE',
      path: '/nodes/{}',
      kind: 'each',
    },
    update: {
      usage: '[OPTIONS] NODE',
      summary: 'Change a node',
      flags: 'availability:string label-add:list label-rm:list role:string',
      args: [1, 1],
      path: '/nodes/{}',
    },
  },
  { list: 'ls', remove: 'rm' },
)
