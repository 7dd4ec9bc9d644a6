import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Lab } from '../engine/lab.ts'
import { blur, comparable, engineSocket, type Outcome, Pair, stockClient } from './pair.ts'

interface Case {
  readonly line: string
  /** run once, before the case is */
  readonly once: readonly (readonly string[])[]
  readonly before: readonly (readonly string[])[]
  readonly env: Readonly<Record<string, string>>
  readonly args: readonly string[]
  readonly input: string
  /** whether what is asked of the engine is the same, too */
  readonly asksSame: boolean
}

/** Words as a shell would see them, quotes and all. */
const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(match => match[1] ?? match[2] ?? match[3]!)

/** Standard input and settings of the environment stand before the words of the command. */
function callOf(words: readonly string[]): Pick<Case, 'args' | 'env' | 'input'> {
  const first = words[0] ?? ''
  if (first.startsWith('<')) return { ...callOf(words.slice(1)), input: first.slice(1).replaceAll('\\n', '\n') }
  const [, name, value] = /^([A-Z_]+)=(.*)$/.exec(first) ?? []
  if (name === undefined) return { args: words, env: {}, input: '' }
  const rest = callOf(words.slice(1))
  return { ...rest, env: { [name]: value!, ...rest.env } }
}

function parseCases(text: string): readonly Case[] {
  const cases: Case[] = []
  let setup: (readonly string[])[] = []
  let once: (readonly string[])[] = []
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    if (line === '%') setup = []
    else if (line.startsWith('$')) once.push(wordsOf(line.slice(1)))
    else if (line.startsWith('!')) setup.push(wordsOf(line.slice(1)))
    else {
      cases.push({
        line,
        once,
        before: setup,
        ...callOf(wordsOf(line.replace(/^~/, ''))),
        asksSame: !line.startsWith('~'),
      })
      once = []
    }
  }
  return cases
}

/** Images that a command makes have other ids each time. */
const makesImages = /^POST \/v[\d.]+\/(build|commit|images\/create)\b/
const blurImages = (text: string) =>
  text
    .replaceAll(/sha256:[0-9a-f]{64}/g, '<image>')
    .replaceAll(/(?<=---> |Running in |container |built )[0-9a-f]{12}/g, '<id>')

const seen = ({ code, err, out, requests }: Outcome, asksSame: boolean) => {
  const isMade = requests.some(({ line }) => makesImages.test(line))
  return {
    code,
    out: isMade ? blurImages(blur(out)) : blur(out),
    err: blur(err),
    requests: asksSame ? comparable(requests) : [],
  }
}

const skip = stockClient ? false : 'there is no docker client of 28.5'
const isShort = process.env.PAIR === 'short'

describe('the same command line with docker and berth', { skip, timeout: 1_800_000 }, () => {
  const lab = new Lab()
  let pair: Pair
  before(async () => {
    execFileSync(join(import.meta.dirname, '../../../scripts/build-client'))
    if (!engineSocket) {
      await lab.start()
      lab.importBusybox()
    }
    pair = await new Pair(engineSocket ?? lab.socket).start()
  })

  async function both({ args, asksSame, before: setup, env, input }: Case) {
    const outcomes: Outcome[] = []
    for (const which of ['stock', 'ours'] as const) {
      for (const words of setup) await pair.run('stock', words)
      outcomes.push(await pair.run(which, args, { env, input }))
    }
    return outcomes.map(outcome => seen(outcome, asksSame))
  }

  const dir = join(import.meta.dirname, 'cases')
  for (const file of readdirSync(dir).filter(
    name => /^(basics|containers)\.txt$/.test(name) || (!isShort && name.endsWith('.txt')),
  ))
    for (const item of parseCases(readFileSync(join(dir, file), 'utf8')))
      test(`${file}: ${item.line}`, async () => {
        for (const words of item.once) await pair.run('stock', words)
        let [stock, ours] = await both(item)
        // ages and moments move on between two runs: only what always differs is different
        for (let again = 0; again < 2 && JSON.stringify(stock) !== JSON.stringify(ours); again++)
          [stock, ours] = await both(item)
        assert.deepEqual(ours, stock)
      })

  after(async () => {
    for (const words of [
      ['rm', '-fv', 'clix-a', 'clix-b', 'clix-c', 'clix-c1'],
      ['rmi', 'clix:1', 'clix-imp:1', 'clix-img:1'],
      ['volume', 'rm', '-f', 'clix-v'],
      ['network', 'rm', '-f', 'clix-n', 'clix-n1', 'clix-n2'],
    ])
      await pair.run('stock', words)
    await pair[Symbol.asyncDispose]()
    if (!engineSocket) await lab[Symbol.asyncDispose]()
  })
})
