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
  readonly args: readonly string[]
  readonly input: string
}

/** Words as a shell would see them, quotes and all. */
const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(match => match[1] ?? match[2] ?? match[3]!)

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
      const words = wordsOf(line)
      const hasInput = words[0]?.startsWith('<') === true
      const input = hasInput ? words[0]!.slice(1).replaceAll('\\n', '\n') : ''
      cases.push({ line, once, before: setup, args: hasInput ? words.slice(1) : words, input })
      once = []
    }
  }
  return cases
}

const seen = ({ code, err, out, requests }: Outcome) => ({
  code,
  out: blur(out),
  err: blur(err),
  requests: comparable(requests),
})

const skip = stockClient ? false : 'there is no docker client'
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

  async function both({ args, before: setup, input }: Case) {
    const outcomes: Outcome[] = []
    for (const which of ['stock', 'ours'] as const) {
      for (const words of setup) await pair.run('stock', words)
      outcomes.push(await pair.run(which, args, { input }))
    }
    return outcomes.map(seen)
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
