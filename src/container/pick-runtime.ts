import { EngineError } from '../base/errors.ts'
import type { RuntimeBinary } from '../runtime/runtime.ts'
import type { ContainerSettings } from './deps.ts'

/** Docker's name for runc behind its shim. */
const runcShim = 'io.containerd.runc.v2'

/** A name of containerd's shims means a program: `io.containerd.kata.v2` is `containerd-shim-kata-v2`. */
function shimOf(name: string): string | undefined {
  const parts = name.split('.')
  if (name.startsWith('/') || parts.length < 2 || parts[0] === '') return undefined
  return `containerd-shim-${parts.slice(-2).join('-')}`
}

/** @throws EngineError `invalid` with Docker's text when there can be no runtime of that name */
export function checkRuntimeName({ runtimes }: ContainerSettings, name: string): void {
  if (!runtimes.has(name) && !shimOf(name)) throw new EngineError('invalid', `unknown or invalid runtime name: ${name}`)
}

/** @throws EngineError with Docker's text: shims other than runc's are not taken */
export function pickRuntime({ runtimes, defaultRuntime }: ContainerSettings, name: string): RuntimeBinary {
  const found =
    runtimes.get(name) ?? (name === runcShim ? (runtimes.get('runc') ?? runtimes.get(defaultRuntime)) : undefined)
  if (found) return found
  const why = `runtime "${name}" binary not installed "${shimOf(name)}": file does not exist`
  throw new EngineError(
    'not-found',
    `failed to create task for container: failed to start shim: failed to resolve runtime path: ${why}`,
  )
}
