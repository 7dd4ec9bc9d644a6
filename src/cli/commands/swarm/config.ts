import { swarmGroup } from './table.ts'

export const config = swarmGroup(
  'config',
  'Files for the services of a swarm',
  {
    create: {
      usage: '[OPTIONS] CONFIG file|-',
      summary: 'Keep a file for services',
      flags: 'l,label:list template-driver:string',
      args: [2, 2],
      method: 'POST',
      path: '/configs/create',
      kind: 'content',
    },
    inspect: {
      usage: '[OPTIONS] CONFIG [CONFIG...]',
      summary: 'Show everything about one or more configs',
      flags: 'f,format:string pretty',
      args: [1],
      path: '/configs/{}',
      kind: 'inspect',
    },
    ls: {
      usage: '[OPTIONS]',
      summary: 'Show configs',
      aliases: ['config ls', 'config list'],
      flags: 'f,filter:filter format:string q,quiet',
      path: '/configs',
    },
    rm: {
      usage: 'CONFIG [CONFIG...]',
      summary: 'Delete one or more configs',
      aliases: ['config rm', 'config remove'],
      args: [1],
      method: 'DELETE',
      path: '/configs/{}',
      kind: 'each',
    },
  },
  { list: 'ls', remove: 'rm' },
)
