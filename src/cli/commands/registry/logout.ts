import { command } from '../../command.ts'
import { eraseAuth, hostOf, hubServer } from '../../credentials.ts'

export const logout = command({
  usage: '[SERVER]',
  summary: 'Forget the credentials for a registry',
  maxArgs: 1,
  flags: {},
  async run({ args: [server], config, out }) {
    const isHub = !server || ['docker.io', 'index.docker.io', hubServer].includes(server)
    const key = isHub ? hubServer : hostOf(server)
    out.line(`Removing login credentials for ${key}`)
    eraseAuth(config, key)
    for (const name of [server ?? '', `https://${key}`, `http://${key}`])
      if (!isHub && name && name !== key && config.file.auths?.[name]) eraseAuth(config, name)
  },
})
