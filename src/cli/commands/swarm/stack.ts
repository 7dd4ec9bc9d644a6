import { swarmGroup } from './table.ts'

export const stack = swarmGroup(
  'stack',
  'Stacks of a swarm',
  {
    config: {
      usage: '[OPTIONS]',
      summary: 'Print the merged Compose file',
      flags: 'c,compose-file:strings skip-interpolation',
      path: '/info',
      kind: 'compose',
    },
    deploy: {
      usage: '[OPTIONS] STACK',
      summary: 'Bring a stack up',
      aliases: ['stack deploy', 'stack up'],
      flags: 'c,compose-file:strings d,detach:bool=true prune q,quiet resolve-image:string=always with-registry-auth',
      args: [1, 1],
      path: '/info',
      kind: 'deploy',
    },
    ls: {
      usage: '[OPTIONS]',
      summary: 'Show stacks',
      aliases: ['stack ls', 'stack list'],
      flags: 'format:string',
      path: '/services',
      query: { filters: '{"label":{"com.docker.stack.namespace":true}}' },
    },
    ps: {
      usage: '[OPTIONS] STACK',
      summary: 'Show the tasks of a stack',
      flags: 'f,filter:filter format:string no-resolve no-trunc q,quiet',
      args: [1, 1],
      path: '/tasks',
      query: { filters: '{"label":{"com.docker.stack.namespace={}":true}}' },
    },
    rm: {
      usage: '[OPTIONS] STACK [STACK...]',
      summary: 'Take stacks down',
      aliases: ['stack rm', 'stack remove', 'stack down'],
      flags: 'd,detach:bool=true',
      args: [1],
      path: '/services',
      query: { filters: '{"label":{"com.docker.stack.namespace={}":true}}' },
      kind: 'each',
    },
    services: {
      usage: '[OPTIONS] STACK',
      summary: 'Show the services of a stack',
      flags: 'f,filter:filter format:string q,quiet',
      args: [1, 1],
      path: '/services',
      query: { filters: '{"label":{"com.docker.stack.namespace={}":true}}', status: 'true' },
    },
  },
  { up: 'deploy', list: 'ls', remove: 'rm', down: 'rm' },
)
