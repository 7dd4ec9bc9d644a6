export { parseAddr, type RegistryConfig } from './config.ts'
export { type ServeOptions, serveRegistry, stopServer } from './server.ts'
