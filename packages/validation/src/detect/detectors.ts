import { crlfDetector } from './detect-crlf.js'
import type { Detector } from './detector.js'
import { xssDetector } from './html/detect-xss.js'
import { ldapDetector } from './detect-ldap-injection.js'
import { nosqlDetector } from './detect-nosql.js'
import { pathDetector } from './path/detect-path-traversal.js'
import { prototypeDetector } from './detect-prototype-pollution.js'
import { commandDetector } from './shell/detect-command-injection.js'
import { sqlDetector } from './sql/detect-sql-injection.js'
import { templateDetector } from './template/detect-template-injection.js'
import { xxeDetector } from './detect-xxe.js'

/** Every detector, in the order in which they look. */
export const allDetectors: readonly Detector[] = [
  sqlDetector,
  xssDetector,
  commandDetector,
  pathDetector,
  nosqlDetector,
  templateDetector,
  xxeDetector,
  ldapDetector,
  crlfDetector,
  prototypeDetector,
]
