import { execFile } from 'node:child_process'
import { basename } from 'node:path'

export interface ProgramVersion {
  readonly name: string
  readonly version: string
  readonly commit: string
}

const known = new Map<string, Promise<ProgramVersion | undefined>>()

/** What a runtime or an init says of itself, asked once; undefined for one that says nothing. */
export function programVersion(path: string): Promise<ProgramVersion | undefined> {
  let asked = known.get(path)
  if (!asked) {
    asked = ask(path)
    known.set(path, asked)
  }
  return asked
}

function ask(path: string): Promise<ProgramVersion | undefined> {
  return new Promise(resolve => {
    execFile(path, ['--version'], { timeout: 2000, killSignal: 'SIGKILL' }, (error, output) =>
      resolve(error ? undefined : parseVersion(basename(path), output)),
    )
  })
}

/** `runc version 1.1 … commit: abc`, `tini version 0.19.0 - git.abc` */
export function parseVersion(name: string, output: string): ProgramVersion {
  return {
    name,
    version: /\bversion:? v?([^\s,]+)/.exec(output)?.[1] ?? '',
    commit: /^commit: (\S+)/m.exec(output)?.[1] ?? /\bgit\.(\w+)/.exec(output)?.[1] ?? '',
  }
}
