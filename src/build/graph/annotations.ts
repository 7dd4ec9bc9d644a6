import { EngineError } from '../../base/errors.ts'
import { formatPlatform, hostPlatform, parsePlatform } from '../../image/platform.ts'
import type { Attributes } from '../../spec/engine-api/solver.ts'
import type { Platform } from '../../spec/oci-image.ts'

const places = ['manifest', 'manifest-descriptor', 'index', 'index-descriptor'] as const
type Place = (typeof places)[number]

interface Annotation {
  readonly place: Place
  /** undefined: of every one */
  readonly platform: string | undefined
  readonly key: string
  readonly value: string
}

/** What the attributes of an exporter say of annotations: `annotation-index.key`, `annotation[linux/amd64].key`. */
export class Annotations {
  readonly #all: readonly Annotation[]

  /** @throws EngineError `invalid` for a place that there is not */
  constructor(attributes: Attributes) {
    this.#all = Object.entries(attributes).flatMap(([name, value]) => {
      const match = /^annotation(?:-([a-z-]+))?(?:\[([^\]]+)\])?\.(.+)$/s.exec(name)
      if (!match) return []
      const [, place = 'manifest', platform, key] = match
      if (!places.includes(place as Place))
        throw new EngineError('invalid', `unrecognized annotation type ${place} in ${name}`)
      const of = platform && formatPlatform(parsePlatform(platform, hostPlatform()))
      return [{ place: place as Place, platform: of, key: key!, value }]
    })
  }

  get isEmpty(): boolean {
    return this.#all.length === 0
  }

  at(place: Place, platform?: Platform): Readonly<Record<string, string>> {
    const own = platform && formatPlatform(platform)
    const meant = this.#all.filter(each => each.place === place && (!each.platform || !own || each.platform === own))
    return Object.fromEntries(meant.map(({ key, value }) => [key, value]))
  }
}
