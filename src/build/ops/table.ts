import type { InstructionName } from '../dockerfile/instruction.ts'
import { copy } from './copy.ts'
import { healthcheck } from './healthcheck.ts'
import * as metadata from './metadata.ts'
import type { Op } from './op.ts'
import { run } from './run.ts'
import { workdir } from './workdir.ts'

/** What each instruction of a stage does. */
export const ops: Readonly<Record<Exclude<InstructionName, 'FROM'>, Op>> = {
  ADD: copy,
  ARG: metadata.arg,
  CMD: metadata.cmd,
  COPY: copy,
  ENTRYPOINT: metadata.entrypoint,
  ENV: metadata.env,
  EXPOSE: metadata.expose,
  HEALTHCHECK: healthcheck,
  LABEL: metadata.label,
  MAINTAINER: metadata.maintainer,
  ONBUILD: metadata.onBuild,
  RUN: run,
  SHELL: metadata.shell,
  STOPSIGNAL: metadata.stopSignal,
  USER: metadata.user,
  VOLUME: metadata.volume,
  WORKDIR: workdir,
}
