import { readFileSync } from 'node:fs'
import { release } from 'node:os'
import { EngineError } from '../base/errors.ts'
import { jsonErrorOf } from '../base/json-error.ts'

interface Condition {
  readonly arches?: readonly string[]
  readonly caps?: readonly string[]
  readonly minKernel?: string
}

interface ProfileRule {
  readonly names?: readonly string[]
  /** of old profiles, instead of `names` */
  readonly name?: string
  readonly action: string
  readonly args?: readonly unknown[] | null
  readonly errnoRet?: number
  readonly includes?: Condition
  readonly excludes?: Condition
}

/** Docker's profile format: https://docs.docker.com/engine/security/seccomp/ */
interface Profile {
  readonly defaultAction?: string
  readonly defaultErrnoRet?: number
  readonly architectures?: readonly string[]
  readonly archMap?: readonly { readonly architecture: string; readonly subArchitectures: readonly string[] | null }[]
  readonly syscalls?: readonly ProfileRule[]
  readonly flags?: readonly string[]
}

const goArch = { x64: 'amd64', arm64: 'arm64' }[process.arch as string] ?? process.arch
const libArch = { x64: 'SCMP_ARCH_X86_64', arm64: 'SCMP_ARCH_AARCH64' }[process.arch as string]

let builtin: Profile | undefined
const defaultProfile = (): Profile =>
  (builtin ??= JSON.parse(readFileSync(new URL('seccomp-default.json', import.meta.url), 'utf8')) as Profile)

function isKernelAtLeast(wanted: string): boolean {
  const [major = 0, minor = 0] = release().split('.').map(Number)
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number)
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
}

function applies({ includes, excludes }: ProfileRule, caps: readonly string[]): boolean {
  if (includes?.arches?.length && !includes.arches.includes(goArch)) return false
  if (includes?.caps?.length && !includes.caps.every(cap => caps.includes(cap))) return false
  if (includes?.minKernel && !isKernelAtLeast(includes.minKernel)) return false
  if (excludes?.arches?.includes(goArch)) return false
  return !excludes?.caps?.some(cap => caps.includes(cap))
}

function toOci(profile: Profile, caps: readonly string[]): unknown {
  const mapped = profile.archMap?.find(({ architecture }) => architecture === libArch)
  const architectures = mapped ? [mapped.architecture, ...(mapped.subArchitectures ?? [])] : profile.architectures
  const rules = (profile.syscalls ?? []).filter(rule => applies(rule, caps))
  return {
    defaultAction: profile.defaultAction,
    ...(profile.defaultErrnoRet !== undefined && { defaultErrnoRet: profile.defaultErrnoRet }),
    ...(architectures && { architectures }),
    ...(profile.flags && { flags: profile.flags }),
    syscalls: rules.map(({ name, names, action, args, errnoRet }) => ({
      names: name ? [name] : names,
      action,
      ...(errnoRet !== undefined && { errnoRet }),
      ...(args?.length && { args }),
    })),
  }
}

function parseProfile(text: string): Profile {
  try {
    return (JSON.parse(text) ?? {}) as Profile
  } catch (cause) {
    throw new EngineError(
      'internal',
      `Decoding seccomp profile failed: ${jsonErrorOf(text).replace('unexpected EOF', 'unexpected end of JSON input')}`,
      { cause },
    )
  }
}

const refuseBoth = (one: string, other: string): never => {
  throw new EngineError(
    'internal',
    `both '${one}' and '${other}' are specified in the seccomp profile, use either '${one}' or '${other}'`,
  )
}

/** A profile that says nothing filters nothing. */
function customFilter(text: string, caps: readonly string[]): unknown {
  const profile = parseProfile(text)
  const { architectures, archMap, syscalls = [] } = profile
  if (!profile.defaultAction && syscalls.length === 0) return undefined
  if (architectures?.length && archMap?.length) refuseBoth('architectures', 'archMap')
  if (syscalls.some(({ name, names }) => name && names?.length)) refuseBoth('name', 'names')
  return toOci(profile, caps)
}

const cache = new Map<string, unknown>()

/**
 * The filter of system calls for a process with these capabilities; undefined is none.
 *
 * @param profile text of a profile; undefined is Docker's default one
 * @throws EngineError `internal` when the text is no profile
 */
export function seccompOf(profile: string | undefined, caps: readonly string[]): unknown {
  if (profile !== undefined) return customFilter(profile, caps)
  const key = caps.join()
  if (!cache.has(key)) cache.set(key, toOci(defaultProfile(), caps))
  return cache.get(key)
}
