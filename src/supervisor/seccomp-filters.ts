import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RuntimeSpec } from '../spec/oci-runtime.ts'
import type { RuntimeBinary } from './protocol.ts'

/** crun takes a translated filter under this name: https://github.com/containers/crun/blob/main/crun.1.md */
const annotation = 'run.oci.seccomp_bpf_data'

const maxFilters = 64

/** Translating a seccomp profile is nearly half of what crun has to do for a container: its first result serves them all. */
export class SeccompFilters {
  readonly #root: string
  readonly #filters = new Map<string, string>()

  /** @param root where crun keeps its state, the translated filters among it */
  constructor(root: string) {
    this.#root = root
  }

  /** Puts the filter that is known into the bundle; else returns under which key `learn` may keep it. */
  prepare(bundle: string, runtime: RuntimeBinary): string | undefined {
    if (runtime.kind !== 'crun') return undefined
    const path = join(bundle, 'config.json')
    const spec = JSON.parse(readFileSync(path, 'utf8')) as RuntimeSpec
    const seccomp = spec.linux.seccomp as { readonly defaultAction?: string } | undefined
    if (!seccomp || spec.annotations?.[annotation]) return undefined
    const key = JSON.stringify(seccomp)
    const filter = this.#filters.get(key)
    if (!filter) return key
    // what refuses by default stays shut even where the annotation would not be known
    const rest = seccomp.defaultAction === 'SCMP_ACT_ALLOW' ? seccomp : { ...seccomp, syscalls: [] }
    const annotations = { ...spec.annotations, [annotation]: filter }
    writeFileSync(path, JSON.stringify({ ...spec, annotations, linux: { ...spec.linux, seccomp: rest } }))
    return undefined
  }

  learn(key: string | undefined, id: string): void {
    if (key === undefined) return
    try {
      const filter = readFileSync(join(this.#root, id, 'seccomp.bpf'), 'base64')
      if (this.#filters.size >= maxFilters) this.#filters.clear()
      if (filter !== '') this.#filters.set(key, filter)
    } catch {
      // the container ended at once, or this crun keeps no file: the next one may tell
    }
  }
}
