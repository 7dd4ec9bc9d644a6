/** Cases that are answered differently, with the reason; docs/differences.md tells users. */
export const knownDifferences: ReadonlyMap<string, string> = new Map([
  ['run: mounts of a container', "crun masks files with the host's /dev/null, runc with the container's"],
  ['run: devices', 'crun makes /dev/core, which leads to the masked /proc/kcore'],
  ['run: init', 'the peer has no docker-init installed, we take tini'],
  ['list: raw list', 'the mode of a named volume'],
  ['run: links', 'links of the default bridge are missing'],
  ['networks: names that exist, names that are none', 'default is allowed as a name'],
  ['networks: drivers and pools that make no sense', 'drivers, several subnets and the MTU are not checked'],
  ['networks: connect that makes no sense', 'texts'],
  ['networks: prune', 'follows from the names above'],
  ['volumes: options', 'a text'],
  ['volumes: remove: none, in use', 'a body is not checked'],
  ['volumes: image mount', 'missing'],
  ['run: volumes from', 'the mode'],
  ['run: mounts that make no sense', 'a text'],
  ['run: mounts in inspect', 'the mode of a named volume'],
  ['run: join the namespaces of one that does not run', 'a text'],
])
