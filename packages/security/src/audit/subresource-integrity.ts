import { isIPv4, isIPv6 } from 'node:net'
import { finding, type AuditFinding, type Verdict } from './finding.js'
import type { Tag } from './html-tags.js'
import type { Observed } from './observed.js'

const results = {
  'integrity-no-html': [0, 'The answer is no page.'],
  'integrity-no-scripts': [0, 'The page loads no scripts.'],
  'integrity-own-origin': [0, 'All scripts come from this site.'],
  'integrity-all': [5, 'Scripts carry a hash, also those of this site.'],
  'integrity-foreign': [5, 'Scripts of other sites carry a hash.'],
  'integrity-missing': [
    -5,
    'A script of another site carries no hash.',
    'Add integrity and crossorigin to its element.',
  ],
  'integrity-insecure': [-20, 'A script with a hash may come over plain HTTP.', 'Write https:// in its address.'],
  'integrity-missing-insecure': [
    -50,
    'A script of another site carries no hash and may come over plain HTTP.',
    'Write https:// in its address, and add integrity and crossorigin.',
  ],
} as const satisfies Record<string, Verdict>

type Result = keyof typeof results
const severity: readonly Result[] = ['integrity-insecure', 'integrity-missing', 'integrity-missing-insecure']

/** Looks at the scripts that a page loads. */
export function auditIntegrity({ url, html }: Observed, scripts: readonly Tag[]): AuditFinding {
  const check = 'subresource-integrity'
  if (html === undefined) return finding(check, results, 'integrity-no-html')
  if (scripts.length === 0) return finding(check, results, 'integrity-no-scripts')
  const faults: Result[] = []
  let foreign = false
  let praised = false
  for (const { attributes } of scripts) {
    const source = attributes.get('src')
    if (!source) continue
    const hasHash = Boolean(attributes.get('integrity'))
    const place = placeOf(source, url)
    if (place.own) {
      praised ||= hasHash && place.secure && faults.length === 0
      continue
    }
    foreign = true
    if (hasHash && !place.secure) faults.push('integrity-insecure')
    else if (!hasHash) faults.push(place.secure ? 'integrity-missing' : 'integrity-missing-insecure')
  }
  const fault = severity.findLast((result) => faults.includes(result))
  const good = praised ? 'integrity-all' : foreign ? 'integrity-foreign' : 'integrity-own-origin'
  return finding(check, results, fault ?? good)
}

/** Whether a script comes from this site, and by HTTPS whatever the page came by. */
function placeOf(source: string, page: URL): { own: boolean; secure: boolean } {
  if (/^\/\/[^/]/.test(source)) return { own: false, secure: false }
  if (!/^https?:\/\//.test(source)) return { own: true, secure: page.protocol === 'https:' }
  if (!URL.canParse(source)) return { own: false, secure: source.startsWith('https:') }
  const { hostname, protocol } = new URL(source)
  return { own: siteOf(hostname) === siteOf(page.hostname), secure: protocol === 'https:' }
}

/** The last two labels of a name: right for most names, and lenient below a public suffix of two labels (`co.uk`). */
function siteOf(hostname: string): string | undefined {
  if (isIPv4(hostname) || isIPv6(hostname.replace(/^\[|\]$/g, '')) || !hostname.includes('.')) return undefined
  return hostname.split('.').slice(-2).join('.')
}
