import { readFileSync } from 'node:fs'
import { join } from 'node:path'

// Attacks made from the grammars of what they attack: every choice is one that a manual of the language allows. A grammar
// is a file of rules: `[name]`, then one choice a line, in which `<<name>>` stands for a choice of that rule.

/** Numbers from 0 to 1, the same ones each time. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff
    return state / 0x8000_0000
  }
}

/** Kinds of attack that there is a grammar for. */
export type GrammarName = 'sql' | 'xss' | 'shell' | 'path' | 'template'

type Rules = ReadonlyMap<string, readonly string[]>

/** How a file writes what would not be seen in it; `∅` is an empty choice. */
const unseen: Readonly<Record<string, string>> = {
  '⏎': '\n',
  '␍': '\r',
  '⇥': '\t',
  '␀': '\0',
  '␁': '\u0001',
  '␠': ' ',
  '∅': '',
}

function rulesOf(name: GrammarName): Rules {
  const rules = new Map<string, string[]>()
  let choices: string[] = []
  for (const line of readFileSync(join(__dirname, 'grammars', `${name}.txt`), 'utf8').split('\n')) {
    const heading = /^\[(\w+)\]$/.exec(line)
    if (heading !== null) rules.set(heading[1] as string, (choices = []))
    else if (line !== '') choices.push(line.replace(/[⏎␍⇥␀␁␠∅]/g, (sign) => unseen[sign] as string))
  }
  return rules
}

/** One sentence of a grammar. */
function sentence(rules: Rules, start: string, random: () => number): string {
  const choices = rules.get(start) as readonly string[]
  const choice = choices[Math.floor(random() * choices.length)] as string
  return choice.replace(/<<(\w+)>>/g, (_, name: string) => sentence(rules, name, random))
}

const spaces = ['/**/', '\t', '\n', '  ', '+', '%20', '/*x*/', '%0a', '%09']

/** SQL as filters are got round: other white space, other case. */
function disguised(text: string, random: () => number): string {
  const chance = random()
  if (chance < 0.5) return text
  let result = text
  if (chance < 0.75) {
    const space = spaces[Math.floor(random() * spaces.length)] as string
    result = result.replace(/(?<!--) (?!$)/g, space)
  }
  if (chance > 0.65) result = result.replace(/[a-z]/g, (letter) => (random() < 0.5 ? letter.toUpperCase() : letter))
  return result
}

/** Attacks of a kind, every one of them once. */
export function generated(name: GrammarName, count: number, seed: number): readonly string[] {
  const rules = rulesOf(name)
  const random = seeded(seed)
  const found = new Set<string>()
  for (let tries = 0; found.size < count && tries < count * 20; tries++) {
    const text = sentence(rules, 'attack', random)
    found.add(name === 'sql' ? disguised(text, random) : text)
  }
  return [...found]
}
