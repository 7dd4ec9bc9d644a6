import { isIP } from 'node:net'
import { cut } from './csv.ts'

// Each takes the text of an option and gives what the engine gets, or throws why it will not do.

export function attachStream(text: string): string {
  const name = text.toLowerCase()
  if (['stdin', 'stdout', 'stderr'].includes(name)) return name
  throw new Error('valid streams are STDIN, STDOUT and STDERR')
}

export function extraHost(text: string): string {
  const [host, address] = cut(text, text.includes('=') ? '=' : ':')
  if (!host || !address) throw new Error(`bad format for add-host: ${JSON.stringify(text)}`)
  const bare = address.replace(/^\[(.*)\]$/, '$1')
  if (bare !== 'host-gateway' && !isIP(bare)) throw new Error(`invalid IP address in add-host: ${JSON.stringify(bare)}`)
  return `${host}:${bare}`
}

export function ipAddress(text: string): string {
  if (isIP(text.trim())) return text.trim()
  throw new Error(`IP address is not correctly formatted: ${text}`)
}

export function dnsSearch(text: string): string {
  const value = text.trim()
  if (value === '.') return value
  if (
    /[a-zA-Z]/.test(value) &&
    /^(:?(:?[a-zA-Z0-9]|(:?[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))(:?\.(:?[a-zA-Z0-9]|(:?[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])))*)\.?\s*$/.test(
      value,
    )
  )
    return value
  throw new Error(`${text} is not a valid domain`)
}

export function deviceRule(text: string): string {
  if (/^[acb] (\d+|\*):(\d+|\*) [rwm]{1,3}$/.test(text)) return text
  throw new Error(`invalid device cgroup format '${text}'`)
}

const sysctls = 'msgmax msgmnb msgmni sem shmall shmmax shmmni shm_rmid_forced'.split(' ').map(name => `kernel.${name}`)

export function sysctl(text: string): string {
  const [name, value] = cut(text)
  const isAllowed = sysctls.includes(name) || name.startsWith('net.') || name.startsWith('fs.mqueue.')
  if (value === undefined || !isAllowed) throw new Error(`sysctl '${text}' is not allowed`)
  return text
}

export function envVariable(text: string): string {
  if (cut(text)[0]) return text
  throw new Error(`invalid environment variable: ${text}`)
}

export function label(text: string): string {
  if (cut(text)[0]) return text
  throw new Error(`invalid label '${text}': empty name`)
}

export function link(text: string): string {
  if (text === '') throw new Error('empty string specified for links')
  if (text.split(':').length > 2) throw new Error(`bad format for links: ${text}`)
  return text
}

function deviceAndValue(text: string): readonly [path: string, value: string] {
  const [path, value] = cut(text, ':')
  if (value === undefined || value.includes(':')) throw new Error(`bad format: ${text}`)
  if (!path.startsWith('/dev/')) throw new Error(`bad format for device path: ${text}`)
  return [path, value]
}

export function weightDevice(text: string): string {
  const [, value] = deviceAndValue(text)
  const weight = Number(value)
  if (!/^\d+$/.test(value) || (weight > 0 && (weight < 10 || weight > 1000)))
    throw new Error(`invalid weight for device: ${text}`)
  return text
}

export function throttleBytes(text: string): string {
  const [, value] = deviceAndValue(text)
  if (!/^\d+(\.\d+)? ?([kmgtp]i?b?|b)?$/i.test(value))
    throw new Error(
      `invalid rate for device: ${text}. The correct format is <device-path>:<number>[<unit>]. Number must be a positive integer. Unit is optional and can be kb, mb, or gb`,
    )
  return text
}

export function throttleRate(text: string): string {
  const [, value] = deviceAndValue(text)
  if (!/^\d+$/.test(value))
    throw new Error(
      `invalid rate for device: ${text}. The correct format is <device-path>:<number>. Number must be a positive integer`,
    )
  return text
}

const ulimits = 'core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack'.split(
  ' ',
)

/** `nofile=1024:2048` as the engine takes it. */
export function parseUlimit(text: string): { readonly Name: string; readonly Hard: number; readonly Soft: number } {
  const [Name, limits] = cut(text)
  if (limits === undefined) throw new Error(`invalid ulimit argument: ${text}`)
  if (!ulimits.includes(Name)) throw new Error(`invalid ulimit type: ${Name}`)
  const values = limits.split(':')
  if (values.length > 2)
    throw new Error(`too many limit value arguments - ${limits}, can only have up to two, \`soft[:hard]\``)
  const [Soft = 0, Hard = Soft] = values.map(value => {
    if (/^[+-]?\d+$/.test(value)) return Number(value)
    throw new Error(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`)
  })
  if (Hard !== -1 && (Soft === -1 || Soft > Hard))
    throw new Error(`ulimit soft limit must be less than or equal to hard limit: ${Soft} > ${Hard}`)
  return { Name, Hard, Soft }
}

/** Makes a check of something that is parsed: the text stays, the error comes early. */
export const checking =
  (parse: (text: string) => unknown) =>
  (text: string): string => {
    parse(text)
    return text
  }
