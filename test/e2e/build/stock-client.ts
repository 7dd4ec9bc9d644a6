import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Lab } from '../engine/lab.ts'

const peer = '/var/tmp/peer-dockerd/root'
const plugins = ['/usr/libexec/docker/cli-plugins', `${peer}/usr/libexec/docker/cli-plugins`].filter(existsSync)
const hasBuildx = plugins.some(dir => existsSync(join(dir, 'docker-buildx')))

/** Docker's client, when there is one; with `skip` false it has its buildx plugin. */
export const docker = [process.env.DOCKER ?? '', '/usr/bin/docker', `${peer}/usr/bin/docker`].find(path =>
  existsSync(path),
)
export const skip =
  process.getuid?.() !== 0 ? 'needs root' : docker && hasBuildx ? false : "needs docker's client with its buildx plugin"

/** Writes the client's configuration below `place`. */
export function configure(place: string): void {
  mkdirSync(join(place, 'config'))
  writeFileSync(join(place, 'config/config.json'), JSON.stringify({ cliPluginsExtraDirs: plugins }))
}

export const environment = (lab: Lab, place: string): NodeJS.ProcessEnv => ({
  ...process.env,
  DOCKER_HOST: `unix://${lab.socket}`,
  DOCKER_CONFIG: join(place, 'config'),
})

/** Our registry beside the engine; disposing ends it. */
export async function openRegistry(lab: Lab, place: string, addr: string): Promise<Disposable> {
  const program = resolve(import.meta.dirname, '../../../bin/berth-registry')
  const args = [`--net=/run/netns/${lab.netns}`, program, '--addr', addr, '--root', join(place, 'registry')]
  const child = spawn('nsenter', args, { stdio: 'ignore' })
  await delay(1500)
  return { [Symbol.dispose]: () => void child.kill('SIGKILL') }
}
