import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { ignoring } from '../base/errors.ts'
import type { Config } from './config.ts'

const systemDirs = ['/usr/local/lib', '/usr/local/libexec', '/usr/lib', '/usr/libexec'].map(
  dir => `${dir}/docker/cli-plugins`,
)

/** The plugin's file, from the usual folders. */
function findPlugin(config: Config, name: string): string | undefined {
  const dirs = [join(config.dir, 'cli-plugins'), ...(config.file.cliPluginsExtraDirs ?? []), ...systemDirs]
  return dirs
    .map(dir => join(dir, `docker-${name}`))
    .find(path =>
      ignoring(['ENOENT', 'EACCES', 'ENOTDIR'], () => {
        accessSync(path, constants.X_OK)
        return true
      }),
    )
}

/** Runs Docker's own plugin for this command; undefined when there is none. */
export async function runPlugin(
  config: Config,
  words: readonly string[],
  argv: readonly string[],
): Promise<number | undefined> {
  const [name = ''] = words
  if (!/^[a-z][a-z0-9]*$/.test(name) || name === 'build' || name === 'builder') return undefined
  const path = findPlugin(config, name)
  if (!path) return undefined
  const env = { ...config.environment, DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND: process.argv[0] ?? 'docker' }
  const child = spawn(path, argv, { stdio: 'inherit', env })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => resolve(code ?? (signal ? 130 : 1)))
  })
}
