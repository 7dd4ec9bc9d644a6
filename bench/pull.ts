// Pulls one image by turns with dockerd and with our own image store, and prints the medians as one JSON line.
// Usage: node bench/pull.ts <registry/name> <tag> <rounds>, with DOCKER_HOST set to a dockerd that reaches the registry.
import { execFileSync } from 'node:child_process'
import { openImages } from '../test/e2e/images/harness.ts'

const [name = '', tag = 'latest', rounds = '3'] = process.argv.slice(2)
const docker = process.env.DOCKER ?? 'docker'
const median = (numbers: number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!
const seconds = async (body: () => unknown) => {
  const start = performance.now()
  await body()
  return (performance.now() - start) / 1000
}

await using here = openImages()
const ours: number[] = []
const theirs: number[] = []
for (let i = 0; i < Number(rounds); i++) {
  theirs.push(await seconds(() => execFileSync(docker, ['pull', '-q', `${name}:${tag}`])))
  execFileSync(docker, ['rmi', `${name}:${tag}`])
  ours.push(await seconds(() => here.pull(name, tag)))
  const again = await seconds(() => here.pull(name, tag))
  if (again > 1) console.error('pull of what is there took', again)
  await here.images.remove(`${name}:${tag}`, { force: true, noPrune: false })
}
const ratio = median(theirs) / median(ours)
console.log(
  JSON.stringify({
    bench: 'pull',
    name,
    dockerdSeconds: theirs,
    berthSeconds: ours,
    ratio,
    maxRssMB: process.resourceUsage().maxRSS / 1024,
  }),
)
