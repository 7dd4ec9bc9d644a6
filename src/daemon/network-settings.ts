import { createHash } from 'node:crypto'
import { boolValue, listValue, stringValue, type Values } from './config.ts'

/** What the daemon's settings say of networks; the rest is as usual. `root` tells this engine's rules from those of others. */
export function networkSettings(values: Values, root: string) {
  const optional = (key: string): object =>
    values[key] ? { [key.replace(/-(\w)/g, (_, c: string) => c.toUpperCase())]: values[key] } : {}
  const pools = listValue(values, 'default-address-pools').map(pool => {
    if (typeof pool !== 'string') return pool as { base: string; size: number }
    const fields = Object.fromEntries(pool.split(',').map(part => part.split('=')))
    return { base: fields.base as string, size: Number(fields.size) }
  })
  return {
    ...('bridge' in values ? { bridge: stringValue(values, 'bridge', '') } : {}),
    ...optional('bip'),
    ...optional('fixed-cidr'),
    ...optional('default-gateway'),
    ipv6: boolValue(values, 'ipv6', false),
    ...optional('bip6'),
    ...optional('fixed-cidr-v6'),
    ...optional('default-gateway-v6'),
    defaultNetworkOptions: values['default-network-opts'] as Readonly<Record<string, Readonly<Record<string, string>>>>,
    defaultAddressPools: pools,
    mtu: (values.mtu as number | undefined) ?? 1500,
    icc: boolValue(values, 'icc', true),
    ipMasq: boolValue(values, 'ip-masq', true),
    ipForward: boolValue(values, 'ip-forward', true),
    ip: stringValue(values, 'ip', '0.0.0.0'),
    dns: listValue(values, 'dns'),
    dnsSearch: listValue(values, 'dns-search'),
    dnsOptions: listValue(values, 'dns-opts'),
    hostGatewayIps: listValue(values, 'host-gateway-ips'),
    obeyInputRules: stringValue(values, 'published-ports', 'filtered') !== 'direct',
    userlandProxy: boolValue(values, 'userland-proxy', true),
    table: `berth-${createHash('sha256').update(root).digest('hex').slice(0, 8)}`,
  }
}
