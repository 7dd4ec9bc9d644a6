export { RemoteEngine } from './remote-engine.ts'
