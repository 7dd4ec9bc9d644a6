import { swarmGroup } from './table.ts'

export const swarm = swarmGroup(
  'swarm',
  'The swarm itself',
  {
    ca: {
      usage: '[OPTIONS]',
      summary: "Show or renew the swarm's root certificate",
      flags:
        'ca-cert:pem-file ca-key:pem-file cert-expiry:duration=2160h0m0s d,detach external-ca:external-ca q,quiet rotate',
      path: '/swarm',
    },
    init: {
      usage: '[OPTIONS]',
      summary: 'Begin a swarm',
      flags:
        'advertise-addr:string autolock availability:string=active cert-expiry:duration=2160h0m0s data-path-addr:string data-path-port:uint32 default-addr-pool:ipNetSlice=[] default-addr-pool-mask-length:uint32=24 dispatcher-heartbeat:duration=5s external-ca:external-ca force-new-cluster listen-addr:node-addr=0.0.0.0:2377 max-snapshots:uint snapshot-interval:uint=10000 task-history-limit:int=5',
      method: 'POST',
      path: '/swarm/init',
      kind: 'member',
    },
    join: {
      usage: '[OPTIONS] HOST:PORT',
      summary: 'Join a swarm',
      flags:
        'advertise-addr:string availability:string=active data-path-addr:string listen-addr:node-addr=0.0.0.0:2377 token:string',
      args: [1, 1],
      method: 'POST',
      path: '/swarm/join',
      kind: 'member',
    },
    'join-token': {
      usage: '[OPTIONS] (worker|manager)',
      summary: 'Show the tokens with which others join',
      flags: 'q,quiet rotate',
      args: [1, 1],
      path: '/swarm',
    },
    leave: { usage: '[OPTIONS]', summary: 'Leave the swarm', flags: 'f,force', method: 'POST', path: '/swarm/leave' },
    unlock: { usage: '', summary: 'Unlock the swarm', path: '/info', kind: 'unlock' },
    'unlock-key': {
      usage: '[OPTIONS]',
      summary: 'Show the key that unlocks the swarm',
      flags: 'q,quiet rotate',
      path: '/swarm/unlockkey',
      prefix: 'could not fetch unlock key: ',
      rotates: '/swarm',
    },
    update: {
      usage: '[OPTIONS]',
      summary: 'Change the swarm',
      flags:
        'autolock cert-expiry:duration=2160h0m0s dispatcher-heartbeat:duration=5s external-ca:external-ca max-snapshots:uint snapshot-interval:uint=10000 task-history-limit:int=5',
      path: '/swarm',
      needsFlag: true,
    },
  },
  {},
)
