import type { Engine } from '../../spec/engine-api/engine.ts'
import type { BuildOverHttp } from '../buildkit/build-endpoint.ts'
import type { Route } from '../route.ts'
import { archiveRoutes } from './archive.ts'
import { buildRoutes } from './build.ts'
import { checkpointRoutes } from './checkpoints.ts'
import { containerRoutes } from './containers.ts'
import { execRoutes } from './execs.ts'
import { imageRoutes } from './images.ts'
import { networkRoutes } from './networks.ts'
import { systemRoutes } from './system.ts'
import { volumeRoutes } from './volumes.ts'

/** Every endpoint of the Docker Engine API. */
export const engineRoutes = (
  engine: Engine,
  {
    isExperimental = false,
    buildOverHttp,
  }: { readonly isExperimental?: boolean; readonly buildOverHttp?: BuildOverHttp } = {},
): readonly Route[] => [
  ...systemRoutes(engine),
  ...checkpointRoutes(engine, isExperimental), // before the paths of containers, whose names may have slashes
  ...containerRoutes(engine, isExperimental),
  ...archiveRoutes(engine),
  ...execRoutes(engine),
  ...imageRoutes(engine),
  ...buildRoutes(engine, buildOverHttp),
  ...networkRoutes(engine),
  ...volumeRoutes(engine),
]
