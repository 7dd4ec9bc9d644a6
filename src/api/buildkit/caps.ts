const list = (names: string) =>
  names
    .trim()
    .split(/\s+/)
    .map(ID => ({ ID, Enabled: true }))

/** What a frontend may ask of the bridge, in BuildKit's names. */
export const frontendCaps = list(`
  frontend.caps frontend.inputs gateway.evaluate gateway.solve.evaluate gateway.solve.metadata gateway.warnings importcaches
  proto.refarray readdir readfile reference.output return returnmap solve.base statfile
`)

/** What builds can do, in BuildKit's names. */
export const builderCaps = list(`
  constraints exec.meta.base exec.meta.cgroup.parent exec.meta.network exec.meta.proxyenv exec.meta.security
  exec.meta.setsdefaultpath exec.meta.ulimit exec.mount.bind exec.mount.bind.readwrite-nooutput exec.mount.cache
  exec.mount.cache.sharing exec.mount.secret exec.mount.selector exec.mount.ssh exec.mount.tmpfs exec.mount.tmpfs.size
  exec.secretenv exporter.image.annotations exporter.image.attestations exporter.sourcedateepoch exporter.multiple file.base
  file.copy.includeexcludepatterns meta.description meta.exportcache meta.ignorecache platform source.http
  source.http.checksum source.image source.image.resolvemode source.local source.local.excludepatterns
  source.local.followpaths source.local.includepatterns source.local.sessionid source.local.sharedkeyhint
  source.local.unique
`)
