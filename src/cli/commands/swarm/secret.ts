import { swarmGroup } from './table.ts'

export const secret = swarmGroup(
  'secret',
  'Secrets for the services of a swarm',
  {
    create: {
      usage: '[OPTIONS] SECRET [file|-]',
      summary: 'Keep a secret for services',
      flags: 'd,driver:string l,label:list template-driver:string',
      args: [1, 2],
      method: 'POST',
      path: '/secrets/create',
      kind: 'content',
    },
    inspect: {
      usage: '[OPTIONS] SECRET [SECRET...]',
      summary: 'Show everything about one or more secrets',
      flags: 'f,format:string pretty',
      args: [1],
      path: '/secrets/{}',
      kind: 'inspect',
    },
    ls: {
      usage: '[OPTIONS]',
      summary: 'Show secrets',
      aliases: ['secret ls', 'secret list'],
      flags: 'f,filter:filter format:string q,quiet',
      path: '/secrets',
    },
    rm: {
      usage: 'SECRET [SECRET...]',
      summary: 'Delete one or more secrets',
      aliases: ['secret rm', 'secret remove'],
      args: [1],
      method: 'DELETE',
      path: '/secrets/{}',
      kind: 'each',
    },
  },
  { list: 'ls', remove: 'rm' },
)
