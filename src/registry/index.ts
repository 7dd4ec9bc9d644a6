export { parseAddr, type RegistryConfig } from './config.ts'
export { type ServeOptions, serveRegistry } from './server.ts'
