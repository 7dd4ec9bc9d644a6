import { release } from 'node:os'
import type { SystemVersion } from '../spec/engine-api/system.ts'
import { goArch } from './host-facts.ts'
import type { ProgramVersion, SystemDeps } from './system.ts'

const toComponent = ({ name, version, commit }: ProgramVersion) => ({
  Name: name,
  Version: version,
  Details: { GitCommit: commit },
})

/** What `GET /version` answers. */
export async function versionOf({ facts, programs }: SystemDeps): Promise<SystemVersion> {
  const { version, apiVersion, minApiVersion, startedAt } = facts
  const { runtime, init } = await programs()
  const own = { GitCommit: 'berth', GoVersion: process.version, KernelVersion: release(), BuildTime: startedAt }
  const details = {
    ApiVersion: apiVersion,
    Arch: goArch,
    BuildTime: own.BuildTime,
    Experimental: String(facts.isExperimental),
    GitCommit: own.GitCommit,
    GoVersion: own.GoVersion,
    KernelVersion: own.KernelVersion,
    MinAPIVersion: minApiVersion,
    Os: 'linux',
  }
  const others = [runtime, init && { ...init, name: 'docker-init' }].filter(program => program !== undefined)
  return {
    Platform: { Name: 'Berth' },
    Components: [{ Name: 'Engine', Version: version, Details: details }, ...others.map(toComponent)],
    Version: version,
    ApiVersion: apiVersion,
    MinAPIVersion: minApiVersion,
    GitCommit: own.GitCommit,
    GoVersion: own.GoVersion,
    Os: 'linux',
    Arch: goArch,
    KernelVersion: own.KernelVersion,
    BuildTime: own.BuildTime,
  }
}
