import type { ContainerConfig, HealthConfig } from '../spec/engine-api/container.ts'
import type { ExecutionConfig } from '../spec/oci-image.ts'

const keyOf = (entry: string): string => entry.split('=', 1)[0]!

function mergeEnv(own: readonly string[], image: readonly string[]): readonly string[] {
  const keys = new Set(own.map(keyOf))
  return [...own, ...image.filter(entry => !keys.has(keyOf(entry)))]
}

function mergeHealthcheck(
  own: HealthConfig | null | undefined,
  image: ExecutionConfig['Healthcheck'],
): HealthConfig | undefined {
  if (!image) return own ?? undefined
  if (!own) return image
  return {
    Test: own.Test?.length ? own.Test : image.Test,
    Interval: own.Interval || image.Interval,
    Timeout: own.Timeout || image.Timeout,
    StartPeriod: own.StartPeriod || image.StartPeriod,
    StartInterval: own.StartInterval || image.StartInterval,
    Retries: own.Retries || image.Retries,
  }
}

function mergeCommand(own: ContainerConfig, image: ExecutionConfig): Pick<ContainerConfig, 'Entrypoint' | 'Cmd'> {
  if (own.Entrypoint?.length) {
    const isReset = own.Entrypoint.length === 1 && own.Entrypoint[0] === ''
    return { Entrypoint: isReset ? null : own.Entrypoint, Cmd: own.Cmd ?? null }
  }
  const keepsEmpty = own.Entrypoint !== null && own.Entrypoint !== undefined
  return {
    Cmd: own.Cmd?.length ? own.Cmd : (image.Cmd ?? null),
    Entrypoint: keepsEmpty ? own.Entrypoint : (image.Entrypoint ?? null),
  }
}

/** What the user left open comes from the image. */
export function mergeImage(own: ContainerConfig, image: ExecutionConfig = {}): ContainerConfig {
  const exposed = { ...image.ExposedPorts, ...own.ExposedPorts } as NonNullable<ContainerConfig['ExposedPorts']>
  const volumes = { ...image.Volumes, ...own.Volumes } as NonNullable<ContainerConfig['Volumes']>
  const healthcheck = mergeHealthcheck(own.Healthcheck, image.Healthcheck)
  return {
    ...own,
    ...mergeCommand(own, image),
    Env: mergeEnv(own.Env ?? [], image.Env ?? []),
    Labels: { ...image.Labels, ...own.Labels },
    User: own.User || image.User || '',
    WorkingDir: own.WorkingDir || image.WorkingDir || '',
    StopSignal: own.StopSignal || image.StopSignal,
    ...(Object.keys(exposed).length && { ExposedPorts: exposed }),
    Volumes: Object.keys(volumes).length ? volumes : null,
    OnBuild: own.OnBuild ?? image.OnBuild ?? null,
    ...(healthcheck && { Healthcheck: healthcheck }),
    ...((own.Shell?.length || image.Shell?.length) && { Shell: own.Shell?.length ? own.Shell : image.Shell! }),
  }
}
