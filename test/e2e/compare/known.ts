/** Cases that are answered differently, with the reason; docs/differences.md tells users. */
export const knownDifferences: ReadonlyMap<string, string> = new Map([
  ['lifecycle: port', 'ports are not yet published by IPv6'],
  ['list: raw list', 'the mode of a named volume'],
  ['run: mounts of a container', "crun masks files with the host's /dev/null, runc with the container's"],
  ['run: devices', 'crun makes /dev/core, which leads to the masked /proc/kcore'],
  ['run: init', 'the peer has no docker-init installed, we take tini'],
  ['run: links', 'links of the default bridge are missing'],
  ['run: mounts that make no sense', 'two texts'],
  ['run: mounts in inspect', 'the mode of a named volume'],
  ['run: volumes from', 'the mode'],
])
