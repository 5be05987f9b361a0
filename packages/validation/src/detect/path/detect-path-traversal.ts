import { charCodeAt } from '@hardening/core'
import type { Detection, DetectOptions } from '../detection.js'
import { detectWith, type Detector, type Reading } from '../detector.js'
import { Hint } from '../hints.js'
import { Mark } from '../marks.js'
import { isSensitiveFile } from './sensitive.js'

/**
 * Looks for paths that leave their folder or name what nobody asks for by path: traversal in any encoding and with any
 * separator, absolute names of system files, drive letters, UNC shares, `file:` and the stream wrappers of PHP and Java.
 * Pure and linear.
 */
export function detectPathTraversal(value: string, options: DetectOptions = {}): Detection | undefined {
  return detectWith(pathDetector, value, options)
}

/** {@link detectPathTraversal} as the middleware runs it. */
export const pathDetector: Detector = {
  kind: 'path-traversal',
  needs: Mark.slash | Mark.backslash | Mark.dot | Mark.colon,
  read: readPath,
}

function readPath(form: string, marks: number, hints: number): Reading | undefined {
  const text = foldSeparators(form, marks)
  const climbs = (marks & Mark.dots) === 0 && text === form ? 0 : countClimbs(text)
  // Without a scheme, a share or the name of a file there is nothing to look for.
  if (
    climbs === 0 &&
    (marks & (Mark.colon | Mark.wide | Mark.backslash)) === 0 &&
    (hints & Hint.file) === 0 &&
    text === form
  )
    return undefined
  const prose = (marks & Mark.space) !== 0 && text.trim().includes(' ')
  if (climbs > 0) {
    if (isSensitiveFile(text)) return found(5, 'path-traversal', climbs)
    if (climbs > 1) return found(prose ? 4 : 5, 'path-traversal', climbs)
    // A relative link of Markdown.
    return found(prose || text.includes('](') ? 3 : 5, 'path-traversal', climbs)
  }
  return readSteady(text, marks, hints, prose)
}

/** Paths that go nowhere up. */
function readSteady(text: string, marks: number, hints: number, prose: boolean): Reading | undefined {
  if (
    (marks & Mark.wide) !== 0 &&
    text.length < 300 &&
    text.includes('\0') &&
    /^[^\s'"\0]{1,200}\0(?:\.\w{1,5})?$/.test(text)
  )
    return found(/[/\\.]/.test(text) ? 5 : 4, 'path-null', 0)
  const hasColon = (marks & Mark.colon) !== 0
  if (prose && !hasColon && !isSeparator(text.trimStart().charCodeAt(0))) return undefined
  if (hasColon && text.includes('::$') && /^[\w./\\-]{1,80}::\$(?:DATA|INDEX_ALLOCATION)/i.test(text))
    return found(5, 'path-stream', 0)
  const isScheme = hasColon && text.includes(':/')
  const isFile = (hints & Hint.file) !== 0
  if (!isScheme && !isFile && (marks & Mark.backslash) === 0) return undefined
  const head = text.slice(0, 300).trim().toLowerCase()
  if (
    isScheme &&
    (/^(?:php|phar|expect|zip|glob|ogg|rar|compress\.(?:zlib|bzip2)|jar|netdoc|gopher|dict):\/\//.test(head) ||
      /^(?:file:\/|jar:(?:file|https?):|data:\/\/)/.test(head))
  )
    return found(5, 'path-scheme', 0)
  if (isFile && /^(?:\/|\\|[a-z]:[\\/])/.test(head) && isSensitiveFile(head)) return found(5, 'path-system', 0)
  if (prose) return undefined
  if (/^\\\\[\w.-]{1,80}\\[\w$.-]/.test(head)) return found(4.5, 'path-share', 0)
  if (!isFile) return undefined
  const sensitive = /(?:^|[/\\])\.(?:env|git|svn|htaccess|htpasswd|aws|ssh|npmrc|docker)(?:$|[/\\.])/.test(head)
  if (sensitive) return found(4, 'path-system', 0)
  if (isSensitiveFile(head)) return found(/^[./\\]{3}/.test(head) ? 5 : 4, 'path-system', 0)
  return undefined
}

function found(points: number, rule: string, climbs: number): Reading {
  return { points, rule, fingerprint: climbs === 0 ? '/' : '../'.repeat(Math.min(climbs, 4)) }
}

/**
 * How often a path goes up: `..` alone between separators, whatever these are, also in the forms that filters make of
 * `....//` and Tomcat of `..;/`. A number of dots in prose ends no segment.
 */
function countClimbs(text: string): number {
  let climbs = 0
  for (let at = text.indexOf('..'); at !== -1; at = text.indexOf('..', at)) {
    let end = at + 2
    while (charCodeAt(text, end) === 46) end++
    const before = at === 0 ? 47 : charCodeAt(text, at - 1)
    const opens =
      isSeparator(before) ||
      before <= 32 ||
      before === 34 ||
      before === 39 ||
      before === 61 ||
      before === 40 ||
      before === 58 ||
      before === 44
    let after = end
    // A null byte or a path parameter between the dots and their separator.
    if (charCodeAt(text, after) === 59 || charCodeAt(text, after) === 0 || charCodeAt(text, after) === 37) after++
    const closes = isSeparator(charCodeAt(text, after))
    const doubled = end - at === 4 && closes && isSeparator(charCodeAt(text, after + 1))
    // `.../.../` and longer runs, which some systems read as several steps up.
    const long = end - at > 2 && !doubled && closes && opens && isRepeated(text, at, after)
    // `..././`, of which a filter that takes out `../` once leaves `../`.
    const hidden =
      end - at === 3 && closes && charCodeAt(text, after + 1) === 46 && isSeparator(charCodeAt(text, after + 2))
    if (hidden) climbs++
    else if (((end - at === 2 || doubled) && closes && (opens || climbs > 0 || doubled)) || long) climbs += long ? 2 : 1
    else if (end - at === 2 && after >= text.length && isSeparator(before) && at > 0 && climbs > 0) climbs++
    at = end
  }
  return climbs
}

/** Whether the run of dots at `at` stands there again behind its separator, or a file does and nothing was before. */
function isRepeated(text: string, at: number, separator: number): boolean {
  const run = text.slice(at, separator + 1)
  return run.length > 8 ? at < 2 : text.startsWith(run, separator + 1)
}

function isSeparator(code: number): boolean {
  return code === 47 || code === 92
}

/** Characters that look like slashes and dots and that lax file systems take for them. */
function foldSeparators(form: string, marks: number): string {
  // `0x2f` and `%\` are what careless decoders make of a separator.
  const text =
    form.includes('0x2') || form.includes('0x5') || form.includes('0X')
      ? form.replace(/0x2f/gi, '/').replace(/0x5c/gi, '\\')
      : form
  if ((marks & Mark.wide) === 0) return text.includes('0x2e') ? text.replaceAll('0x2e', '.') : text
  return text
    .replace(/[\u2215\u2044\u29f8\uff0f\uefc8\uf025]/g, '/')
    .replace(/[\u2216\uff3c\u29f9]/g, '\\')
    .replace(/[\uff0e\u2024]/g, '.')
}
