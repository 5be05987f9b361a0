import { existsSync, readdirSync } from 'node:fs'
import { packAll } from '../lib/pack.mjs'
import { publishedPackages } from '../lib/packages.mjs'
import { tell } from '../lib/failure.mjs'
import { inRoot } from '../lib/root.mjs'
import { runConsumer } from '../lib/run-consumer.mjs'
import { stage } from '../lib/stage.mjs'

const parent = inRoot('internal/consumers')

function all() {
  return readdirSync(parent).filter((name) => existsSync(`${parent}/${name}/package.json`))
}

/** `alone` is a project for each package; the others are one project each. */
function expand(name) {
  if (name !== 'alone') return [{ title: name, source: `${parent}/${name}` }]
  return publishedPackages().map((item) => ({
    title: `${item.name} alone`,
    source: `${parent}/alone`,
    only: item.name,
  }))
}

/** The projects of internal/consumers, each with the packed packages; each counts as one test. */
export async function consumers({ names = all() } = {}) {
  console.log('\nPacked packages in projects of their own')
  const projects = names.flatMap(expand)
  const counts = { passed: 0, failed: 0 }
  let tarballs
  try {
    await stage('Pack', async () => void (tarballs = await packAll()))
  } catch (error) {
    tell(error)
    return { failed: projects.length }
  }
  for (const { title, source, only } of projects) {
    try {
      await stage(title, () => runConsumer(source, tarballs, only))
      counts.passed++
    } catch (error) {
      tell(error)
      counts.failed++
    }
  }
  return counts
}
