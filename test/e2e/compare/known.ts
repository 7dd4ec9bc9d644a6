/** Cases that are answered differently, with the reason; docs/differences.md tells users. */
export const knownDifferences: ReadonlyMap<string, string> = new Map([
  ['lifecycle: port', 'ports are not yet published by IPv6'],
])
