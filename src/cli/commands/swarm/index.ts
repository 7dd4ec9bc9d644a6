import { config } from './config.ts'
import { node } from './node.ts'
import { secret } from './secret.ts'
import { service } from './service.ts'
import { stack } from './stack.ts'
import { swarm } from './swarm.ts'

export const swarmGroups = { config, node, secret, service, stack, swarm } as const
