// Compressed JSON: the toolkit with everything on, against Express with `compression` and nothing else.
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { request } from '../contenders/shared.mjs'
import { compare, figures, ratio } from '../harness/compare.mjs'
import { startContender } from '../harness/process.mjs'

const contenders = { toolkit: { BENCH_COMPRESS: 'toolkit' }, 'express + compression': { BENCH_COMPRESS: 'peer' } }
const bodies = ['fresh', 'repeated'].flatMap((kind) => [2, 10, 100].map((size) => [kind, size]))
const goals = { fresh: [1.7, 2.2], repeated: [3.5, 5] }

/** What browsers send; both sides choose by their defaults. */
const ask = (path) => request(path).replace(/Accept-Encoding: [^\r]+/, 'Accept-Encoding: gzip, deflate, br')

export async function compression({ node, warmupMs = 1500, ...pace }) {
  for (const env of Object.values(contenders)) await isRight(node, env)
  const all = Object.fromEntries(
    bodies.flatMap(([kind, size]) =>
      Object.entries(contenders).map(([name, env]) => [
        `${name}, ${kind}, ${size} KB`,
        { script: 'compressed', env, request: ask(`/${kind}/${size}`), has: '\r\nContent-Encoding: ' },
      ]),
    ),
  )
  const results = await compare(all, { node, warmupMs, ...pace })
  return {
    figures: Object.fromEntries(Object.entries(results).map(([name, result]) => [name, figures(result)])),
    goals: bodies.map(([kind, size]) => ({
      title: `compression, ${kind}, ${size} KB / express + compression`,
      ...ratio(results, `toolkit, ${kind}, ${size} KB`, `express + compression, ${kind}, ${size} KB`),
      goal: goals[kind],
    })),
  }
}

/** Both must send the same JSON, compressed. */
async function isRight(node, env) {
  const server = await startContender(new URL('../contenders/compressed.mjs', import.meta.url).pathname, { node, env })
  const raw = (path, encoding) =>
    new Promise((resolve, reject) => {
      import('node:http').then(({ get }) =>
        get({ port: server.port, path, headers: { 'accept-encoding': encoding } }, async (res) => {
          const chunks = []
          for await (const chunk of res) chunks.push(chunk)
          resolve({ encoding: res.headers['content-encoding'], body: Buffer.concat(chunks) })
        }).on('error', reject),
      )
    })
  try {
    for (const [kind, size] of bodies) {
      const plain = await raw(`/${kind}/${size}`, 'identity')
      const { encoding, body } = await raw(`/${kind}/${size}`, 'gzip, deflate, br')
      const text = (encoding === 'br' ? brotliDecompressSync : gunzipSync)(body).toString()
      const same = kind === 'fresh' ? text.length === plain.body.toString().length : text === plain.body.toString()
      if (!same || encoding === undefined)
        throw new Error(`${JSON.stringify(env)} sends another body for ${kind} ${size}`)
    }
  } finally {
    await server.stop()
  }
}
