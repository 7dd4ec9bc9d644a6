import { spawn } from 'node:child_process'
import { isIPv6 } from 'node:net'
import { EngineError } from '../base/errors.ts'
import { bridgeFlag, bridgeName, bridgeText, type NetworkRecord, type PublishedPort } from './record.ts'

const families = [4, 6] as const

/** What `nft -f -` makes of `rules`, all or nothing. */
export function runNft(rules: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const child = spawn('nft', ['-f', '-'], { stdio: ['pipe', 'ignore', 'pipe'] })
  let stderr = ''
  child.stderr.on('data', data => (stderr += data))
  child.stdin.on('error', () => {})
  child.on('error', cause =>
    reject(new EngineError('internal', 'cannot run nft: install the package nftables', { cause })),
  )
  child.on('close', code =>
    code === 0 ? resolve() : reject(new EngineError('internal', `nftables refused a change: ${stderr.trim()}`)),
  )
  child.stdin.end(rules)
  return promise
}

const mode = (network: NetworkRecord, family: 4 | 6): string =>
  network.internal ? 'isolated' : bridgeText(network, `gateway_mode_ipv${family}`) || 'nat'

const subnets = (network: NetworkRecord, family: 4 | 6): string[] =>
  network.ipam.map(({ Subnet }) => Subnet!).filter(subnet => isIPv6(subnet.split('/')[0]!) === (family === 6))

/** Traffic that comes from the network's containers; `accept` ends our chain only, other software still decides. */
function fromRules(network: NetworkRecord, bridge: string): string[] {
  const within = bridgeFlag(network, 'enable_icc', true)
    ? [`oifname "${bridge}" accept`]
    : [`oifname "${bridge}" ct status dnat accept`, `oifname "${bridge}" drop`]
  const byFamily = families.map(family =>
    mode(network, family) === 'isolated'
      ? `meta nfproto ipv${family} drop`
      : `meta nfproto ipv${family} ct status dnat accept`,
  )
  return [...within, ...byFamily, 'oifname @open_bridges accept', 'oifname @bridges drop']
}

function toRules(network: NetworkRecord): string[] {
  return families.flatMap(family => {
    const own = `meta nfproto ipv${family}`
    const address = family === 4 ? 'ip' : 'ip6'
    switch (mode(network, family)) {
      case 'isolated':
        return [`${own} drop`]
      case 'nat-unprotected':
        return [`${own} accept`]
      case 'routed':
        return [
          `${own} meta l4proto { icmp, ipv6-icmp } accept`,
          `${address} daddr . meta l4proto . th dport @open${family} accept`,
          `${own} drop`,
        ]
      default:
        return [`${own} ct status dnat accept`, `${own} drop`]
    }
  })
}

function natRules(network: NetworkRecord, bridge: string): string[] {
  if (network.internal) return []
  return families.flatMap(family => {
    const address = family === 4 ? 'ip' : 'ip6'
    const isNat = mode(network, family).startsWith('nat')
    return subnets(network, family).flatMap(subnet => [
      ...(isNat && bridgeFlag(network, 'enable_ip_masquerade', true)
        ? [`${address} saddr ${subnet} oifname != "${bridge}" ${masquerade(network, family)}`]
        : []),
      // a container that reaches a neighbour, or itself, by a published port
      `${address} saddr ${subnet} oifname "${bridge}" ct status dnat masquerade`,
    ])
  })
}

const masquerade = (network: NetworkRecord, family: 4 | 6): string => {
  const source = network.options[`com.docker.network.host_ipv${family}`]
  return source ? `snat ${family === 4 ? 'ip' : 'ip6'} to ${source}` : 'masquerade'
}

/** Map and element that publish this port. */
function element({ protocol, hostIp, hostPort, address, containerPort }: PublishedPort): [string, string, string] {
  const family = isIPv6(address) ? 6 : 4
  const anywhere = hostIp === '0.0.0.0' || hostIp === '::'
  const key = `${anywhere ? '' : `${hostIp} . `}${protocol} . ${hostPort}`
  return [`${anywhere ? 'any' : 'host'}${family}`, key, `${address} . ${containerPort}`]
}

const elements = (verb: 'add' | 'delete', table: string, ports: readonly PublishedPort[]): string =>
  ports
    .map(port => {
      const family = isIPv6(port.address) ? 6 : 4
      const open = `${verb} element inet ${table} open${family} { ${port.address} . ${port.protocol} . ${port.containerPort} }`
      if (port.hostPort === 0) return open // routed: reached by its own address
      const [map, key, value] = element(port)
      return `${verb} element inet ${table} ${map} { ${key} : ${value} }`
    })
    .join('\n')

const list = (entries: readonly string[]): string => (entries.length ? `elements = { ${entries.join(', ')} };` : '')

/** The whole table for these networks and ports, in place of what is there. */
export function ruleset(table: string, networks: readonly NetworkRecord[], ports: readonly PublishedPort[]): string {
  const bridges = networks
    .filter(({ driver }) => driver === 'bridge')
    .map(network => ({ network, bridge: bridgeName(network) }))
  const names = bridges.map(({ bridge }) => `"${bridge}"`)
  const open = bridges
    .filter(({ network }) => mode(network, 4) === 'nat-unprotected')
    .map(({ bridge }) => `"${bridge}"`)
  const verdicts = (way: string) => list(bridges.map(({ bridge }, i) => `"${bridge}" : jump ${way}_${i}`))
  const maps = families.map(family => {
    const address = `ipv${family}_addr`
    return `
  map any${family} { type inet_proto . inet_service : ${address} . inet_service; }
  map host${family} { type ${address} . inet_proto . inet_service : ${address} . inet_service; }
  set open${family} { type ${address} . inet_proto . inet_service; }`
  })
  const chains = bridges.map(({ network, bridge }, i) => {
    const body = (rules: readonly string[]) => rules.map(rule => `\n    ${rule}`).join('')
    return `
  chain from_${i} {${body(fromRules(network, bridge))}
  }
  chain to_${i} {${body(toRules(network))}
  }`
  })
  const nat = bridges.flatMap(({ network, bridge }) => natRules(network, bridge))
  return `table inet ${table}
delete table inet ${table}
table inet ${table} {
  set bridges { type ifname; ${list(names)} }
  set open_bridges { type ifname; ${list(open)} }${maps.join('')}${chains.join('')}
  map from { type ifname : verdict; ${verdicts('from')} }
  map to { type ifname : verdict; ${verdicts('to')} }
  chain published {
    dnat ip to ip daddr . meta l4proto . th dport map @host4
    dnat ip6 to ip6 daddr . meta l4proto . th dport map @host6
    dnat ip to meta l4proto . th dport map @any4
    dnat ip6 to meta l4proto . th dport map @any6
  }
  chain raw {
    type filter hook prerouting priority -300;
    # route_localnet is on for our bridges: containers must not reach what listens on the host's loopback
    iifname @bridges ip daddr 127.0.0.0/8 drop
  }
  chain prerouting {
    type nat hook prerouting priority -100;
    ip daddr 127.0.0.0/8 return
    fib daddr type local jump published
  }
  chain output {
    type nat hook output priority -100;
    ip6 daddr ::1 return
    fib daddr type local jump published
  }
  chain postrouting {
    type nat hook postrouting priority 100;
    oifname @bridges ip saddr 127.0.0.0/8 masquerade${nat.map(rule => `\n    ${rule}`).join('')}
  }
  chain forward {
    type filter hook forward priority 0;
    ct state established,related accept
    iifname vmap @from
    oifname vmap @to
  }
}
${elements('add', table, ports)}
`
}

/** Our one table of nftables. Changes are queued: each is one transaction. */
export class Firewall {
  readonly #table: string
  #tail: Promise<unknown> = Promise.resolve()

  constructor(table: string) {
    this.#table = table
  }

  rebuild(networks: readonly NetworkRecord[], ports: readonly PublishedPort[]): Promise<void> {
    return this.#queue(() => runNft(ruleset(this.#table, networks, ports)))
  }

  publish(ports: readonly PublishedPort[]): Promise<void> {
    return ports.length ? this.#queue(() => runNft(elements('add', this.#table, ports))) : Promise.resolve()
  }

  /** Calm when they are not there. */
  unpublish(ports: readonly PublishedPort[]): Promise<void> {
    if (ports.length === 0) return Promise.resolve()
    // adding first makes deleting safe, in the same transaction
    const text = `${elements('add', this.#table, ports)}\n${elements('delete', this.#table, ports)}`
    return this.#queue(() => runNft(text)).catch(() => {})
  }

  remove(): Promise<void> {
    return this.#queue(() => runNft(`table inet ${this.#table}\ndelete table inet ${this.#table}\n`))
  }

  #queue(body: () => Promise<void>): Promise<void> {
    const run = this.#tail.then(body)
    this.#tail = run.catch(() => {})
    return run
  }
}
