import { EngineError } from '../base/errors.ts'

export const apiVersion = '1.51'
export const minApiVersion = '1.24'
/** The engine release whose behaviour Berth keeps. */
export const dockerVersion = '28.5.2'

const parts = (version: string): readonly number[] => version.split('.').map(Number)

/** Negative when `a` is older than `b`. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parts(a), parts(b)]
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

export const atLeast = (version: string, wanted: string): boolean => compareVersions(version, wanted) >= 0

/** Splits `/v1.45/x` into the version asked for and the path; without a prefix it is the newest. */
export function splitVersion(path: string): {
  readonly version: string
  readonly path: string
  readonly isGiven: boolean
} {
  const match = /^\/v([0-9.]+)(\/.*)$/.exec(path)
  return match ? { version: match[1]!, path: match[2]!, isGiven: true } : { version: apiVersion, path, isGiven: false }
}

/** @throws EngineError `invalid` with Docker's text when we do not speak `version` */
export function checkVersion(version: string): void {
  if (compareVersions(version, apiVersion) > 0) {
    throw new EngineError(
      'invalid',
      `client version ${version} is too new. Maximum supported API version is ${apiVersion}`,
    )
  }
  if (compareVersions(version, minApiVersion) < 0) {
    throw new EngineError(
      'invalid',
      `client version ${version} is too old. Minimum supported API version is ${minApiVersion}, please upgrade your client to a newer version`,
    )
  }
}
