import { ExitError } from '../errors.ts'

export interface HealthFlags {
  readonly 'health-cmd': string
  readonly 'health-interval': number
  readonly 'health-retries': number
  readonly 'health-start-interval': number
  readonly 'health-start-period': number
  readonly 'health-timeout': number
  readonly 'no-healthcheck': boolean
}

const times = {
  'health-interval': 'Interval',
  'health-timeout': 'Timeout',
  'health-start-period': 'StartPeriod',
  'health-start-interval': 'StartInterval',
  'health-retries': 'Retries',
} as const

/** The Healthcheck of a container, undefined to take the image's. */
export function parseHealth(flags: HealthFlags): object | undefined {
  const given = Object.entries(times).filter(([flag]) => flags[flag as keyof typeof times] !== 0)
  const isSet = flags['health-cmd'] !== '' || given.length > 0
  if (flags['no-healthcheck']) {
    if (isSet) throw new ExitError(125, '--no-healthcheck conflicts with --health-* options')
    return { Test: ['NONE'] }
  }
  if (!isSet) return undefined
  for (const [flag] of given)
    if (flags[flag as keyof typeof times] < 0) throw new ExitError(125, `--${flag} cannot be negative`)
  return {
    ...(flags['health-cmd'] ? { Test: ['CMD-SHELL', flags['health-cmd']] } : {}),
    ...Object.fromEntries(given.map(([flag, field]) => [field, flags[flag as keyof typeof times]])),
  }
}
