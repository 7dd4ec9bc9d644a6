/** Cases that are answered differently, with the reason; docs/differences.md tells users. */
export const knownDifferences: ReadonlyMap<string, string> = new Map([
  ['run: mounts of a container', "crun masks files with the host's /dev/null, runc with the container's"],
  ['run: devices', 'crun makes /dev/core, which leads to the masked /proc/kcore'],
  ['run: init', 'the peer has no docker-init installed, we take tini'],
])
