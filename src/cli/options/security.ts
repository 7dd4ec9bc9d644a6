import { ExitError } from '../errors.ts'
import { cut } from './csv.ts'
import { readText } from './environment.ts'

interface Security {
  readonly options: readonly string[]
  /** undefined: as the engine likes */
  readonly paths: readonly string[] | null
}

function expand(text: string): string {
  const [key, value] = cut(text, text.includes('=') ? '=' : ':')
  if (value === undefined && key !== 'no-new-privileges' && key !== 'writable-cgroups')
    throw new ExitError(125, `Invalid --security-opt: ${JSON.stringify(text)}`)
  if (key !== 'seccomp' || value === 'unconfined' || value === 'builtin') return text
  let profile: string
  try {
    profile = readText(value ?? '')
  } catch (error) {
    throw new ExitError(125, `opening seccomp profile (${value}) failed: ${(error as Error).message}`)
  }
  try {
    return `seccomp=${JSON.stringify(JSON.parse(profile))}`
  } catch (error) {
    throw new ExitError(125, `compacting json for seccomp profile (${value}) failed: ${(error as Error).message}`)
  }
}

/** `--security-opt`: seccomp profiles are read and sent, `systempaths=unconfined` bares /proc and /sys. */
export function parseSecurity(words: readonly string[]): Security {
  const isBare = words.includes('systempaths=unconfined')
  return {
    options: words.filter(word => word !== 'systempaths=unconfined').map(expand),
    paths: isBare ? [] : null,
  }
}
