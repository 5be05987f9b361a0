import { describe, expect, it } from '@jest/globals'
import { Ajv2020 } from 'ajv/dist/2020.js'
import express from 'express'
import {
  createHealthRegistry,
  diskCheck,
  eventLoopCheck,
  health,
  heapCheck,
  memoryCheck,
  queueCheck,
  type HealthCheck,
} from '../src/index.js'
import { fakeCheck, probe } from './support.js'

// draft-inadarei-api-health-check-06, sections 3 and 4, as JSON Schema. The draft allows further members.
const text = { type: 'string' }
const texts = { type: 'array', items: text }
const status = { enum: ['pass', 'warn', 'fail'] }
const time = { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)$' }
const links = { type: 'object', additionalProperties: text }
const draft = {
  type: 'object',
  required: ['status'],
  properties: {
    status,
    version: text,
    releaseId: text,
    notes: texts,
    output: text,
    serviceId: text,
    description: text,
    timestamp: time,
    links,
    checks: {
      type: 'object',
      // Component and measurement, each without a colon (section 4).
      propertyNames: { pattern: '^[^:]+(:[^:]+)?$' },
      additionalProperties: {
        type: 'array',
        minItems: 1,
        items: {
          type: 'object',
          properties: {
            componentId: text,
            componentType: {
              anyOf: [{ enum: ['component', 'datastore', 'system'] }, { type: 'string', format: 'uri' }],
            },
            observedValue: {},
            observedUnit: text,
            status,
            affectedEndpoints: texts,
            time,
            output: text,
            links,
          },
        },
      },
    },
  },
}
const validate = new Ajv2020({ strict: false, formats: { uri: true } }).compile(draft)

const TOKEN = 'a-token-of-the-operators'
const checks: [string, HealthCheck[], boolean][] = [
  ['no checks', [], true],
  [
    'the system',
    [memoryCheck(), heapCheck(), diskCheck(), eventLoopCheck(), queueCheck({ depth: () => 3, warnAt: 5 })],
    true,
  ],
  ['a warning', [fakeCheck('mail', { check: () => ({ status: 'warn', output: 'slow' }) })], true],
  ['a failure', [fakeCheck('db', { type: 'datastore', check: () => Promise.reject(new Error('gone')) })], true],
  ['measured text', [fakeCheck('lic', { check: () => ({ status: 'pass', observedValue: 'valid' }) })], true],
  ['not started', [fakeCheck('db')], false],
]

describe('the report', () => {
  it.each(checks)('[HE-1] G9 is valid by the schema of the draft: %s', async (_what, list, started) => {
    const registry = createHealthRegistry({ checks: list, started })
    const app = express()
    app.use(health({ registry, token: TOKEN, version: '1.2.3', serviceId: 'shop', description: 'sells' }))
    for (const [path, token] of [
      ['/health/detailed', TOKEN],
      ['/health', TOKEN],
      ['/health', undefined],
    ] as const) {
      const { json, headers } = await probe(app, path, token)
      expect(headers['content-type']).toBe('application/health+json')
      validate(json)
      expect(validate.errors ?? []).toEqual([])
    }
  })

  it('[HE-1] G9 the schema of the test refuses what the draft forbids', () => {
    const wrong = [
      { status: 'ok' },
      { status: 'pass', checks: { 'a:b:c': [{}] } },
      { status: 'pass', checks: { a: {} } },
    ]
    for (const body of [...wrong, { status: 'pass', checks: { a: [{ time: 'noon' }] } }])
      expect(validate(body)).toBe(false)
  })

  it('[HE-1] names a measurement: how long it took, a share, or what else was measured', async () => {
    const registry = createHealthRegistry({
      checks: [fakeCheck('db'), heapCheck(), queueCheck({ depth: () => 3, warnAt: 5 })],
    })
    const app = express()
    app.use(health({ registry, token: TOKEN }))
    const { json } = await probe(app, '/health/detailed', TOKEN)
    expect(Object.keys(json.checks)).toEqual(['db:responseTime', 'heap:utilization', 'queue:measurement'])
    expect(json.checks['queue:measurement']?.[0]).toMatchObject({ observedValue: 3, observedUnit: 'waiting' })
  })
})
