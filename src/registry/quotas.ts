import { OciError } from './errors.ts'
import { matchesName } from './identity.ts'
import type { Repositories } from './repositories.ts'

export interface Quota {
  readonly repositories: string
  /** of all blobs that one repository may hold, each counted once */
  readonly bytes: number
}

/** How large repositories may become. */
export class Quotas {
  readonly #quotas: readonly Quota[]
  readonly #repositories: Repositories

  constructor(quotas: readonly Quota[], repositories: Repositories) {
    this.#quotas = quotas
    this.#repositories = repositories
  }

  /** Bytes that may still come; the first quota whose pattern fits counts. */
  left(repository: string): number {
    const quota = this.#quotas.find(({ repositories }) => matchesName(repositories, repository))
    return quota ? Math.max(0, quota.bytes - this.#repositories.bytesOf(repository)) : Number.POSITIVE_INFINITY
  }

  /** @throws OciError `DENIED` when `bytes` more do not fit */
  check(repository: string, bytes: number): void {
    const left = this.left(repository)
    if (bytes > left) throw new OciError('DENIED', `quota exceeded: ${repository} has room for ${left} bytes`)
  }
}
