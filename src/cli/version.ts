/** Docker's client version whose behaviour this client has. */
export const clientVersion = '28.5.2'
export const berthVersion = '0.1.0'
export const clientApiVersion = '1.51'

export const versionLine = `Docker version ${clientVersion}, build berth-${berthVersion}`
