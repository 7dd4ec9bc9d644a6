import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

/** One entry of a table: shell lines that talk to an engine. */
export interface Case {
  readonly title: string
  readonly script: string
}

export const casesDir: string = join(import.meta.dirname, 'cases')
export const groups: readonly string[] = readdirSync(casesDir)
  .filter(name => name.endsWith('.sh'))
  .map(name => basename(name, '.sh'))

const prelude = readFileSync(join(import.meta.dirname, 'prelude.sh'), 'utf8')

/** A table is a shell file: each case begins with `# title` after an empty line. */
export function readCases(group: string): readonly Case[] {
  const text = readFileSync(join(casesDir, `${group}.sh`), 'utf8')
  return text
    .split(/\n\n+(?=# )|^(?=# )/)
    .map(part => part.trim())
    .filter(Boolean)
    .map(part => {
      const [first = '', ...lines] = part.split('\n')
      return { title: first.replace(/^# */, ''), script: lines.join('\n') }
    })
}

/** What each of these is differs from run to run; that it is there does not. */
const masks: readonly (readonly [RegExp, string])[] = [
  [/\b(sha256:)?[0-9a-f]{64}\b/g, '<id>'],
  [/\b(?=[0-9a-f]*\d)(?=\d*[a-f])[0-9a-f]{12}\b/g, '<short>'],
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?( ?(Z|[+-]\d\d:?\d\d)( UTC)?)?/g, '<time>'],
  [/"(time|timeNano|Created|SharedSize)":\d{6,}/g, '"$1":<number>'],
  [/(Less than a|About an?|\d+) (second|minute|hour)s?( ago)?/g, '<span>'],
  [/\/var\/tmp\/berth-compare-\w+/g, '<work>'],
  [/^time=.* msg="Can't .*\n/gm, ''],
  [/\/var\/[a-zA-Z0-9/_.-]*?(?=\/(?:containers|volumes|overlay2|snapshots|image|network)\/)/g, '<root>'],
  // the one that was found is told; dockerd calls whatever it runs by this name
  [/"Runtime":"(crun|runc)"/g, '"Runtime":"<runtime>"'],
  [/"?pid"?:? ?\d+/gi, '<pid>'],
]

export const mask = (text: string): string =>
  masks.reduce((masked, [what, word]) => masked.replace(what, word), text.replaceAll('\r', ''))

/** Runs one case against the engine at `socket` and tells all that can be seen, in a form to keep and to read. */
export function transcribe({ title, script }: Case, socket: string, client: string, dir: string): string {
  const env = {
    ...process.env,
    DOCKER_HOST: `unix://${socket}`,
    SOCKET: socket,
    CLIENT: client,
    WORK: dir,
    LC_ALL: 'C',
  }
  const done = spawnSync('sh', ['-c', `${prelude}\n${script}`], {
    cwd: dir,
    env,
    timeout: 40_000,
    killSignal: 'SIGKILL',
    encoding: 'utf8',
    input: '',
  })
  const lines = (name: string, text: string) =>
    text === ''
      ? []
      : [
          `--- ${name}`,
          mask(text)
            .replace(/[ \t]+$/gm, '')
            .replace(/\n+$/, ''),
        ]
  return [`### ${title}`, ...script.split('\n').map(line => `$ ${line}`), `--- exit ${done.status ?? 'never'}`]
    .concat(lines('stdout', done.stdout), lines('stderr', done.stderr))
    .join('\n')
}
