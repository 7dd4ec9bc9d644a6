/** Docker's client version whose behaviour this client has. */
export const clientVersion = '28.5.2'
export const berthVersion = '0.1.0'
export const clientApiVersion = '1.51'
export const gitCommit = `berth-${berthVersion}`
export const buildTime = ''

/** What runs this client, in the place where Docker names its Go. */
export const runtimeVersion = (): string =>
  process.versions.bun ? `bun${process.versions.bun}` : `node${process.versions.node}`

export const versionLine = `Docker version ${clientVersion}, build ${gitCommit}`
