// Records what a real engine says of the cases: node test/e2e/build/check/record.ts, with DOCKER_HOST and DOCKER set, and busybox there.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { plainCheck, plainOutline } from './answers.ts'
import { type CheckCase, cases, outlines } from './cases.ts'

function ask({ dockerfile, ignore }: CheckCase, call: string, ...flags: readonly string[]) {
  const dir = mkdtempSync('/var/tmp/check-')
  try {
    writeFileSync(join(dir, 'Dockerfile'), dockerfile)
    if (ignore) writeFileSync(join(dir, '.dockerignore'), ignore)
    const args = ['buildx', 'build', `--call=${call},format=json`, ...flags, dir]
    const { stdout, stderr } = spawnSync(process.env.DOCKER ?? 'docker', args, { encoding: 'utf8' })
    return stdout.trim() === '' ? { failed: stderr } : JSON.parse(stdout)
  } finally {
    rmSync(dir, { recursive: true })
  }
}

const answers = {
  checks: Object.fromEntries(cases.map(each => [each.name, plainCheck(ask(each, 'check'))])),
  outlines: Object.fromEntries(
    outlines.map(each => {
      const flags = each.target ? ['--target', each.target] : []
      const [outline, targets] = ['outline', 'targets'].map(call => plainOutline(ask(each, call, ...flags)))
      return [each.name, { outline, targets }]
    }),
  ),
}
writeFileSync(join(import.meta.dirname, 'expected.json'), `${JSON.stringify(answers, null, 1)}\n`)
