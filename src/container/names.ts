import { randomBytes, randomInt } from 'node:crypto'

const adjectives =
  'able airy ample amused balmy blithe bold brave brisk bubbly calm candid cheery clever cosy curious daring deft dreamy eager earnest easy fair fearless festive fluent fond frank gentle gifted glad golden graceful happy hardy honest hopeful humble jaunty jolly joyful keen kind lively loyal lucid lucky mellow merry mighty modest neat nimble noble patient placid plucky polite proud quick quiet ready robust rosy sane serene sharp shiny sincere sleek snug sober spry steady stoic sturdy sunny swift tender thrifty tidy trusty upbeat valiant vivid warm wary wise witty zesty'.split(
    ' ',
  )

// Navigators, shipwrights and chart makers.
const surnames =
  'amundsen baffin balboa barents baret beaufort behaim bering blackwall bligh bougainville bowditch brunel cabot cabral cartier columbus cook cousteau dampier dias drake eiriksson flinders fitzroy frobisher galvez gama grenfell hawkins heyerdahl hudson humboldt ibnmajid juel kotzebue laperouse magellan mallory maury mercator nansen nordenskiold orellana ortelius palliser pytheas quiros raleigh ross rickmers scoresby shackleton slocum tasman torres vancouver vespucci waldseemuller wilkes willoughby yermak zarco zhenghe'.split(
    ' ',
  )

const pick = (words: readonly string[]): string => words[randomInt(words.length)]!

/** A name nobody has yet, such as `brisk_tasman`. */
export function randomName(isTaken: (name: string) => boolean, id: string): string {
  for (let attempt = 0; attempt < 6; attempt++) {
    const name = `${pick(adjectives)}_${pick(surnames)}${attempt > 0 ? randomInt(10) : ''}`
    if (!isTaken(name)) return name
  }
  return id.slice(0, 12)
}

/** 64 hex digits; never one whose first twelve could be read as a number. */
export function newId(): string {
  for (;;) {
    const id = randomBytes(32).toString('hex')
    if (!/^\d{12}/.test(id)) return id
  }
}
