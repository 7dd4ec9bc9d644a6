import { spawn, spawnSync } from 'node:child_process'
import { accessSync, constants, readdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { hasCode, ignoring } from '../base/errors.ts'
import type { Config } from './config.ts'

/** What a plugin says of itself when asked by `docker-cli-plugin-metadata`. */
export interface PluginMetadata {
  readonly SchemaVersion?: string
  readonly Vendor?: string
  readonly Version?: string
  readonly ShortDescription?: string
  readonly URL?: string
  readonly Name: string
  readonly Path: string
  readonly Err?: string
}

const systemDirs = ['/usr/local/lib', '/usr/local/libexec', '/usr/lib', '/usr/libexec'].map(
  dir => `${dir}/docker/cli-plugins`,
)

const pluginDirs = (config: Config): readonly string[] => [
  ...(config.file.cliPluginsExtraDirs ?? []),
  join(config.dir, 'cli-plugins'),
  ...systemDirs,
]

const isProgram = (path: string): boolean =>
  ignoring(['ENOENT', 'EACCES', 'ENOTDIR'], () => {
    accessSync(path, constants.X_OK)
    return true
  }) ?? false

/** The plugin's file, from the usual folders. */
export const findPlugin = (config: Config, name: string): string | undefined =>
  pluginDirs(config)
    .map(dir => join(dir, `docker-${name}`))
    .find(isProgram)

/** Names and files of every plugin that is installed. */
function installed(config: Config): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const dir of pluginDirs(config))
    for (const file of ignoring(['ENOENT', 'EACCES', 'ENOTDIR'], () => readdirSync(dir)) ?? []) {
      const name = /^docker-([a-z][a-z0-9]*)$/.exec(file)?.[1]
      if (name && !found.has(name) && isProgram(join(dir, file))) found.set(name, join(dir, file))
    }
  return found
}

/** Asks every plugin what it is. */
export async function pluginsMetadata(config: Config): Promise<readonly PluginMetadata[]> {
  return [...installed(config)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([Name, Path]) => {
      const done = spawnSync(Path, ['docker-cli-plugin-metadata'], { encoding: 'utf8', timeout: 10_000 })
      try {
        return { ...(JSON.parse(done.stdout) as object), Name, Path }
      } catch {
        return { Name, Path, Err: 'failed to fetch metadata: exit status 1' }
      }
    })
}

/** Plugins with their descriptions, for the help page. */
export async function pluginSummaries(config: Config): Promise<readonly (readonly [name: string, summary: string])[]> {
  const all = await pluginsMetadata(config)
  return all.filter(({ Err }) => !Err).map(({ Name, ShortDescription = '' }) => [`${Name}*`, ShortDescription] as const)
}

/** An abstract socket whose end tells a plugin to stop, since signals to a session leader's group do not always reach it. */
async function stopSocket(): Promise<{ readonly path: string; stop(): void }> {
  const name = `docker_cli_${process.pid}${Math.random().toString(36).slice(2, 10)}`
  const open = new Set<{ end(): void }>()
  const server = createServer(socket => {
    open.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => open.delete(socket))
  })
  server.on('error', () => {})
  await new Promise<void>(done => {
    server.once('error', () => done())
    server.listen(`\0${name}`, done)
  })
  server.unref()
  return {
    path: `@${name}`,
    stop() {
      for (const socket of open) socket.end()
    },
  }
}

async function runFile(config: Config, path: string, argv: readonly string[]): Promise<number> {
  const socket = await stopSocket()
  const env = {
    ...config.environment,
    DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND: process.argv0,
    ...(socket ? { DOCKER_CLI_PLUGIN_SOCKET: socket.path } : {}),
  }
  const child = spawn(path, argv, { stdio: 'inherit', env })
  let rounds = 0
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      socket.stop()
      if (++rounds >= 3) child.kill('SIGKILL')
      // a terminal's Ctrl-C reaches the plugin by itself
      else if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    })
  return new Promise((resolve, reject) => {
    child.on('error', error => (hasCode(error, 'ENOENT') ? resolve(1) : reject(error)))
    child.on('exit', (code, signal) => resolve(code ?? (signal ? 130 : 1)))
  })
}

/** Runs Docker's own plugin for this command; undefined when there is none. */
export async function runPlugin(
  config: Config,
  words: readonly string[],
  argv: readonly string[],
): Promise<number | undefined> {
  const [name = ''] = words
  if (!/^[a-z][a-z0-9]*$/.test(name)) return undefined
  const path = findPlugin(config, name)
  return path ? runFile(config, path, argv) : undefined
}
