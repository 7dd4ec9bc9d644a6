const exponents: Readonly<Record<string, number>> = { '': 0, k: 1, m: 2, g: 3, t: 4, p: 5 }

const parse = (text: string, base: number): number | undefined => {
  const match = /^(\d+(?:\.\d+)?) ?([kmgtp]?)i?b?$/i.exec(text.trim())
  return match ? Math.floor(Number(match[1]) * base ** exponents[match[2]!.toLowerCase()]!) : undefined
}

/** Bytes from a memory size such as `64m` or `1.5GB` (units of 1024); undefined when it is none. */
export const parseMemorySize = (text: string): number | undefined => parse(text, 1024)

/** Bytes from a disk size such as `10kB` (units of 1000); undefined when it is none. */
export const parseDiskSize = (text: string): number | undefined => parse(text, 1000)

const format = (bytes: number, base: number, units: readonly string[], digits: number): string => {
  let value = bytes
  let unit = 0
  for (; value >= base && unit < units.length - 1; unit++) value /= base
  return `${Number(value.toPrecision(digits))}${units[unit]}`
}

const decimal = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB']
const binary = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB']

/** `2.07MB`: units of 1000, `digits` significant ones. */
export const formatSize = (bytes: number, digits = 4): string => format(bytes, 1000, decimal, digits)

/** `1.5GiB`: units of 1024, four significant digits. */
export const formatMemory = (bytes: number): string => format(bytes, 1024, binary, 4)
