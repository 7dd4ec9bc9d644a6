const list = (names: string) =>
  names
    .trim()
    .split(/\s+/)
    .map(ID => ({ ID, Enabled: true }))

/** What a frontend may ask of the bridge, in BuildKit's names. */
export const frontendCaps = list(`
  frontend.caps frontend.inputs gateway.evaluate gateway.solve.evaluate gateway.solve.metadata gateway.warnings importcaches
  proto.refarray readdir readfile reference.output resolveimage return returnmap source.metaresolver solve.base statfile
`)

/** What builds can do, in BuildKit's names. */
export const builderCaps = list(`
  constraints diffop exec.meta.base exec.meta.cgroup.parent exec.meta.network exec.meta.proxyenv exec.meta.security
  exec.meta.setsdefaultpath exec.meta.ulimit exec.mount.bind exec.mount.bind.readwrite-nooutput exec.mount.cache
  exec.mount.cache.sharing exec.mount.secret exec.mount.selector exec.mount.ssh exec.mount.tmpfs exec.mount.tmpfs.size
  exec.secretenv exec.validexitcode exporter.image.annotations exporter.image.attestations exporter.multiple
  exporter.sourcedateepoch file.base file.copy.alwaysreplaceexistingdestpaths file.copy.includeexcludepatterns
  file.copy.modestring file.rm.nofollowsymlink file.rm.wildcard file.symlink.create mergeop meta.description
  meta.exportcache meta.ignorecache platform source.git source.git.fullurl source.git.httpauth source.git.keepgitdir
  source.git.knownsshhosts source.git.mountsshsock source.git.subdir source.http source.http.checksum source.http.perm
  soruce.http.uidgid source.image source.image.resolvemode source.local source.local.differ source.local.excludepatterns
  source.local.followpaths source.local.includepatterns source.local.sessionid source.local.sharedkeyhint
  source.local.unique source.ocilayout
`)
