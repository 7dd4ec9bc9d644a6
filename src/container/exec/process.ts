import { EngineError, messageOf } from '../../base/errors.ts'
import type { ExecConfig } from '../../spec/engine-api/engine.ts'
import type { RuntimeProcess } from '../../spec/oci-runtime.ts'
import { allCapabilities } from '../capabilities.ts'
import type { ContainerDeps } from '../deps.ts'
import type { ContainerRecord } from '../record.ts'
import { readUserFiles } from '../rootfs.ts'
import { baseEnv, mergeEnv, processCapabilities } from '../runtime-spec.ts'
import { appArmorOf, parseSecurityOptions } from '../security.ts'
import { resolveUser } from '../user.ts'
import { rootUserFiles } from '../user-files.ts'

/** The OCI process of an exec: the container's own environment and limits, the exec's command. */
export function toExecProcess(deps: ContainerDeps, record: ContainerRecord, exec: ExecConfig): RuntimeProcess {
  const name = exec.User || record.config.User || ''
  const isRoot = name === '' || name === 'root' || name === '0'
  const files = isRoot ? rootUserFiles(deps, record) : readUserFiles(deps, record)
  const user = toUser(name, files)
  const caps = processCapabilities(record.hostConfig, user.uid)
  const apparmorProfile = exec.Privileged
    ? deps.settings.hasAppArmor && 'unconfined'
    : appArmorOf(record.hostConfig, deps.settings.hasAppArmor)
  const all = { bounding: allCapabilities, effective: allCapabilities, permitted: allCapabilities }
  return {
    terminal: exec.Tty ?? false,
    ...(exec.ConsoleSize && { consoleSize: { height: exec.ConsoleSize[0]!, width: exec.ConsoleSize[1]! } }),
    user: { uid: user.uid, gid: user.gid, additionalGids: user.additionalGids ?? [] },
    args: exec.Cmd!,
    env: mergeEnv(baseEnv(record, user.home), exec.Tty ? ['TERM=xterm'] : [], exec.Env ?? []),
    cwd: exec.WorkingDir || record.config.WorkingDir || '/',
    capabilities: exec.Privileged ? all : caps,
    noNewPrivileges: parseSecurityOptions(record.hostConfig).noNewPrivileges ?? deps.settings.noNewPrivileges,
    ...(apparmorProfile && { apparmorProfile }),
  }
}

function toUser(name: string, files: { passwd: string; group: string }) {
  try {
    return resolveUser(name, files)
  } catch (error) {
    throw new EngineError('invalid', messageOf(error), { cause: error })
  }
}
