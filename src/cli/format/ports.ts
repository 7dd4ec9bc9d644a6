interface Port {
  readonly IP?: string | undefined
  readonly PrivatePort?: number | undefined
  readonly PublicPort?: number | undefined
  readonly Type?: string | undefined
}

const hostOf = (ip: string): string => (ip.includes(':') ? `[${ip}]` : ip)

/** Published and exposed ports in one line; neighbours are joined to ranges. */
export function formatPorts(ports: readonly Port[]): string {
  const order = (a: Port, b: Port) =>
    (a.PrivatePort ?? 0) - (b.PrivatePort ?? 0) ||
    ((a.IP ?? '') < (b.IP ?? '') ? -1 : (a.IP ?? '') > (b.IP ?? '') ? 1 : 0) ||
    (a.PublicPort ?? 0) - (b.PublicPort ?? 0)
  const ranges: { ip: string; type: string; first: number; last: number; publicFirst: number; publicLast: number }[] =
    []
  for (const { IP = '', PrivatePort = 0, PublicPort = 0, Type = 'tcp' } of [...ports].sort(order)) {
    // Docker joins only ports that keep their number
    const joins = (range: (typeof ranges)[number]) =>
      range.ip === IP &&
      range.type === Type &&
      range.last + 1 === PrivatePort &&
      (PublicPort === 0 ? range.publicLast === 0 : PublicPort === PrivatePort && range.publicLast === range.last)
    const before = ranges.find(joins)
    if (before) Object.assign(before, { last: PrivatePort, publicLast: PublicPort })
    else
      ranges.push({
        ip: IP,
        type: Type,
        first: PrivatePort,
        last: PrivatePort,
        publicFirst: PublicPort,
        publicLast: PublicPort,
      })
  }
  const span = (first: number, last: number) => (first === last ? `${first}` : `${first}-${last}`)
  return ranges
    .map(({ first, ip, last, publicFirst, publicLast, type }) =>
      publicFirst
        ? `${ip ? `${hostOf(ip)}:` : ''}${span(publicFirst, publicLast)}->${span(first, last)}/${type}`
        : `${span(first, last)}/${type}`,
    )
    .join(', ')
}
