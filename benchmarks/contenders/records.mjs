// JSON as applications send it: records of varied texts, numbers, ids and dates, the same in every run.
const words =
  'invoice order customer shipment delayed received payment second quarter review before delivery address updated by the ' +
  'warehouse team after inspection of returned goods with missing parts and a note from support about refund policy'

/** Numbers from 0 to 1 that look random. */
function sequence(seed) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 4294967296
  }
}

/** A list of records that is about `bytes` long as JSON. */
export function records(bytes) {
  const next = sequence(42)
  const pick = (list) => list[Math.floor(next() * list.length)]
  const hex = (length) => Array.from({ length }, () => Math.floor(next() * 16).toString(16)).join('')
  const vocabulary = words.split(' ')
  const text = (length) => Array.from({ length }, () => pick(vocabulary)).join(' ')
  const list = []
  for (let size = 0; size < bytes; size = Buffer.byteLength(JSON.stringify(list))) {
    list.push({
      id: `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
      customer: {
        name: `${pick(['Ada', 'Grace', 'Alan', 'Edsger', 'Barbara', 'Söre'])} ${text(1)}`,
        email: `${hex(6)}@example.com`,
      },
      status: pick(['open', 'paid', 'shipped', 'returned']),
      total: Math.round(next() * 100_000) / 100,
      createdAt: new Date(1_700_000_000_000 + Math.floor(next() * 3e10)).toISOString(),
      tags: Array.from({ length: 1 + Math.floor(next() * 4) }, () => pick(vocabulary)),
      note: text(4 + Math.floor(next() * 16)),
    })
  }
  return list
}
