import { listValue, type Values } from './config.ts'

/** Flags or `proxies` of daemon.json, else what the environment says. */
export function proxiesOf(values: Values): NodeJS.ProcessEnv {
  const proxies = { ...values, ...(values.proxies as object | undefined) } as Readonly<Record<string, string>>
  const set = (name: string, key: string) =>
    proxies[key] ? { [name]: proxies[key], [name.toLowerCase()]: proxies[key] } : {}
  return {
    ...process.env,
    ...set('HTTP_PROXY', 'http-proxy'),
    ...set('HTTPS_PROXY', 'https-proxy'),
    ...set('NO_PROXY', 'no-proxy'),
  }
}

/** How registries are spoken to. */
export const remoteSettings = (values: Values) => ({
  insecureRegistries: listValue(values, 'insecure-registries'),
  mirrors: listValue(values, 'registry-mirrors'),
  proxyEnv: proxiesOf(values),
})
