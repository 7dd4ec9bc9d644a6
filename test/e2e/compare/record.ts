import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { busyboxTar } from '../engine/lab.ts'
import { groups } from './cases.ts'
import { expectedPath, readExpected, runGroup, stockClient } from './transcript.ts'

// record.ts record|diff SOCKET [GROUP...]: keeps what an engine answers, or tells where another one differs.
const [verb, socket = '', ...wanted] = process.argv.slice(2)
let differences = 0
const docker = (args: readonly string[], input?: Buffer) =>
  spawnSync(stockClient, ['-H', `unix://${socket}`, ...args], { input })
if (docker(['image', 'inspect', 'busybox']).status !== 0)
  docker(['import', '-c', 'CMD ["sh"]', '-', 'busybox:latest'], busyboxTar())
/** What an earlier run may have left: both sides begin with one image and nothing else. */
function tidy(): void {
  const script = `docker rm -fv $(docker ps -aq); docker network prune -f; docker volume prune -af
    docker rmi -f $(docker images --format '{{.Repository}}:{{.Tag}}' | grep -v busybox); docker image prune -f`
  spawnSync('sh', ['-c', script], { env: { ...process.env, DOCKER_HOST: `unix://${socket}` } })
}

for (const group of wanted.length > 0 ? wanted : groups) {
  tidy()
  if (verb === 'record') {
    const texts: string[] = []
    runGroup(group, socket, stockClient, text => texts.push(text))
    mkdirSync(dirname(expectedPath(group)), { recursive: true })
    writeFileSync(expectedPath(group), `${texts.join('\n\n')}\n`)
    console.log(`${group}: ${texts.length} cases`)
  } else {
    const expected = readExpected(group)
    runGroup(group, socket, stockClient, (text, title) => {
      if (expected.get(title) === text) return
      differences++
      console.log(
        `=================== ${group}: expected\n${expected.get(title)}\n------------------- got\n${text.replace(/^.*?\n(?=--- exit)/s, '')}`,
      )
    })
  }
}
if (verb !== 'record') console.log(`${differences} differences`)
