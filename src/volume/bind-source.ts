import { existsSync, mkdirSync } from 'node:fs'
import { EngineError } from '../base/errors.ts'
import type { PlannedMount } from './planned-mount.ts'

/** `-v` makes what is missing, `--mount` does not. @throws EngineError `invalid` with Docker's text */
export function checkBindSource({ Type, Source, createSource }: PlannedMount): void {
  if (Type !== 'bind' || createSource || existsSync(Source!)) return
  throw new EngineError('invalid', `invalid mount config for type "bind": bind source path does not exist: ${Source}`)
}

/** The source is there when this returns. @throws EngineError */
export function ensureBindSource(mount: PlannedMount): void {
  checkBindSource(mount)
  if (!existsSync(mount.Source!)) mkdirSync(mount.Source!, { recursive: true })
}
