/** Flags with the same meaning in many commands. */
export const formatMany = {
  type: 'string',
  help: "How to print: 'table', 'table TEMPLATE', 'json' or a Go template for each line",
} as const
export const formatOne = { type: 'string', short: 'f', help: "'json' or a Go template for each object" } as const
export const filter = { type: 'filter', short: 'f', help: 'Only those that match, such as name=web' } as const
export const pruneFilter = { type: 'filter', help: 'Only those that match, such as until=24h' } as const
export const force = { type: 'bool', short: 'f', help: 'Do not ask' } as const
export const contentTrust = { type: 'bool', help: 'Accepted for old scripts', default: true } as const
export const platform = {
  type: 'string',
  help: 'Which platform of an image for several (os[/arch[/variant]])',
} as const
export const detachKeys = { type: 'string', help: 'Keys that detach' } as const
