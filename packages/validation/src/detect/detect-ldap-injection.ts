import { charCodeAt } from '@hardening/core'
import type { Detection, DetectOptions } from './detection.js'
import { detectWith, type Detector } from './detector.js'
import { Mark } from './marks.js'

/**
 * Looks for text that would close the filter it is pasted into and open another (RFC 4515). A filter that is complete in
 * itself, as a search form of a directory sends it, changes nothing around it. Pure and linear.
 */
export function detectLdapInjection(value: string, options: DetectOptions = {}): Detection | undefined {
  return detectWith(ldapDetector, value, options)
}

/** {@link detectLdapInjection} as the middleware runs it. */
export const ldapDetector: Detector = {
  kind: 'ldap-injection',
  needs: Mark.close,
  read(text) {
    if (text.length > 4096) return undefined
    // A parenthesis that closes what the text has not opened, and then a filter.
    let depth = 0
    for (let at = 0; at < text.length; at++) {
      const code = charCodeAt(text, at)
      if (code === 40) depth++
      else if (code === 41) {
        if (--depth >= 0) continue
        depth = 0
        const rest = text.slice(at + 1, at + 80)
        if (/^\s?\)*\s?\(\s?(?:[|&!]\s?\(?|[a-z][\w;.-]{0,40}\s?(?:[~<>]?=|:=|:\w))/i.test(rest))
          return { points: 5, rule: 'ldap-filter', fingerprint: ')(' }
        if (/^\s?\)*\s?[&|]\s?\)?$/.test(rest) && at > 0) return { points: 4, rule: 'ldap-filter', fingerprint: ')&' }
        if (charCodeAt(text, at - 1) === 42 && at < 4) return { points: 4, rule: 'ldap-wildcard', fingerprint: '*)' }
        if (charCodeAt(text, at + 1) === 0) return { points: 5, rule: 'ldap-filter', fingerprint: ')0' }
      }
    }
    if (/\*\)\s?\(\s?[|&!]?\s?\(?[a-z]{1,30}\s?=/i.test(text) && text.startsWith('*'))
      return { points: 5, rule: 'ldap-filter', fingerprint: '*)(' }
    return undefined
  },
}
