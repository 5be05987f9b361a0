import type { Detection, DetectOptions } from '../detection.js'
import { better, detectWith, type Detector, type Reading } from '../detector.js'
import { Hint } from '../hints.js'
import { Mark } from '../marks.js'

/**
 * Looks for expressions that a template engine or an expression language would evaluate: Jinja, Twig, Nunjucks, Handlebars,
 * FreeMarker, Velocity, Thymeleaf, EL, OGNL, SpEL, ERB, EJS, Razor, Smarty, and the look-ups of Log4j. A placeholder that
 * only names a value (`{{ name }}`, `${price}`) is none. Pure and linear.
 */
export function detectTemplateInjection(value: string, options: DetectOptions = {}): Detection | undefined {
  return detectWith(templateDetector, value, options)
}

/** {@link detectTemplateInjection} as the middleware runs it. */
export const templateDetector: Detector = {
  kind: 'template-injection',
  needs: Mark.brace | Mark.less | Mark.bracket | Mark.hash | Mark.dollar | Mark.open,
  read: readTemplate,
}

const delimiters: readonly (readonly [open: string, close: string, needs: number])[] = [
  ['{{', '}}', Mark.brace],
  ['{%', '%}', Mark.brace | Mark.percent],
  ['${', '}', Mark.brace | Mark.dollar],
  ['#{', '}', Mark.brace | Mark.hash],
  ['*{', '}', Mark.brace | Mark.other],
  ['@{', '}', Mark.brace | Mark.other],
  ['~{', '}', Mark.brace | Mark.other],
  ['%{', '}', Mark.brace | Mark.percent],
  ['<%', '%>', Mark.less | Mark.percent],
  ['[[', ']]', Mark.bracket],
  ['@(', ')', Mark.open | Mark.other],
]

/** Expressions of each kind that are looked at, and of those that nothing closes, so that the work stays linear. */
const maxExpressions = 50
const maxOpenExpressions = 4

function readTemplate(text: string, marks: number, hints: number): Reading | undefined {
  let best = (marks & Mark.dollar) !== 0 && (marks & Mark.brace) !== 0 ? readLookups(text) : undefined
  for (const delimiter of delimiters) {
    if ((marks & delimiter[2]) !== delimiter[2]) continue
    best = better(best, readExpressions(text, delimiter[0], delimiter[1]))
    if (best !== undefined && best.points >= 5) return best
  }
  if (
    (text.includes('<#') || text.includes('?new') || text.includes('freemarker')) &&
    /<#assign\s|\?new\s?\(|freemarker\.template\.utility/i.test(text)
  )
    return found('template-freemarker')
  if (
    (text.includes('#') || text.includes('$')) &&
    /#set\s?\(\s?\$\w+\s?=|\$\w+\.(?:getClass|class\.)|#evaluate\s?\(/i.test(text)
  )
    return better(best, found('template-velocity'))
  if (text.length < 40 && /^[^\w]{0,4}\{@?\d{1,6}\*['"]?\d{1,6}['"]?@?\}/.test(text))
    return found('template-expression')
  if (text.includes('{') && /\{\/?php\}|\{system\s?\(|\{\$smarty\b|\{Smarty_/i.test(text))
    return found('template-smarty')
  return (hints & Hint.java) === 0 ? best : readJava(text, best)
}

/** The most telling expression between two delimiters. */
function readExpressions(text: string, open: string, close: string): Reading | undefined {
  let best: Reading | undefined
  let left = maxExpressions
  let end = 0
  for (let at = text.indexOf(open); at !== -1 && left > 0; at = text.indexOf(open, at + open.length)) {
    const from = at + open.length
    // What has been found once, or not at all, is not looked for again.
    if (end < from) end = text.indexOf(close, from)
    if (end === -1) {
      end = text.length
      left = Math.min(left, maxOpenExpressions)
    }
    left--
    const points = judge(text.slice(from, Math.min(end, from + 400)), open)
    if (points > 0) best = better(best, { points, rule: 'template-expression', fingerprint: open })
    if (points >= 5) return best
  }
  return best
}

function readJava(text: string, best: Reading | undefined): Reading | undefined {
  if (
    /java\.lang\.(?:Runtime|ProcessBuilder|Class)|T\(java\.|@java\.lang\.|#_memberAccess|ognl\.|getRuntime\(\)|Diagnostics\.Process/i.test(
      text,
    )
  )
    return better(best, found('template-java', text.length < 400 || /[${#%]\{/.test(text) ? 5 : 4))
  return best
}

function found(rule: string, points: number = 5): Reading {
  return { points, rule, fingerprint: rule.slice(9) }
}

/** `${jndi:...}` and the nested look-ups that hide it (CVE-2021-44228). */
function readLookups(text: string): Reading | undefined {
  if (!text.includes('${')) return undefined
  const plain = text.replace(/\$\{(?:lower:|upper:|[a-z]{0,8}:[^{}:]{0,40}:-)([^{}]{0,12})\}/gi, '$1')
  if (/\$\{\s?jndi\s?:/i.test(plain)) return found('template-lookup')
  if (/\$\{(?:env|sys|java|ctx|main|bundle|date|web|docker|k8s|spring):[\w.:-]{1,60}/i.test(plain))
    return found('template-lookup', plain === text ? 4.5 : 5)
  if (/\$\{(?:script:\w{2,20}:|dns:[\w|]{1,40}|url:[\w-]{2,12}:)/i.test(plain)) return found('template-lookup')
  if (plain !== text && /\$\{/.test(text)) return found('template-lookup', 4)
  return undefined
}

/** What the inside of a delimiter does. */
function judge(inner: string, name: string): number {
  const body = inner.replace(/^[=\-~#!:_]{1,3}/, '').trim()
  if (body === '') return 0
  const code = name === '<%'
  if (/^['"\d(\s]{0,4}\d{1,9}['"]?\s?[*+\-/]\s?['"]?\d{1,9}['"\s)]{0,4}$/.test(body)) return 5
  if (
    /__(?:class|mro|globals|builtins|init|subclasses|import|base|dict|getattribute|self|proto|code)__|\bconstructor\b|\.getClass\b|\bforName\b|\battr\s?\(|\|\s?attr\b|\bsubclasses\b/.test(
      body,
    )
  )
    return 5
  if (
    /\b(?:lipsum|cycler|joiner|get_flashed_messages|self\.|config\.|request\.(?:application|environ|args|form|cookies)|app\.request|settings\.SECRET|handler\.settings|_self\.env|process\.(?:mainModule|binding|env)|child_process|require\s?\(|global\.process|Runtime\b|ProcessBuilder|os\.popen|popen\s?\(|system\s?\(|exec\s?\(|eval\s?\(|passthru\s?\(|shell_exec|phpinfo\s?\(|file_get_contents|File\.(?:open|read)|Dir\.|IO\.|import\s{1,4}os|T\s?\(|#rt\b|#a=|#context|#session|#request|#parameters|registerUndefinedFilterCallback|getFilter)/i.test(
      body,
    )
  )
    return 5
  if (/^(?:config|self|request|settings|debug|app|session|g|global|this|_self|env|dump\(.{0,20}\))$/i.test(body))
    return name === '{{' ? 4 : 2
  if (
    name === '${' &&
    /^(?:applicationScope|sessionScope|requestScope|pageScope|pageContext|param\.|header\.|cookie\.|\(#)/.test(body)
  )
    return 5
  if (/^#(?:context|session|request|parameters|application|attr|rt|a|cmd)\b/.test(inner) && name !== '{{') return 5
  if (name === '#{' && /^`[^`]{1,80}`$/.test(body)) return 5
  if (/^['"][^'"]{0,40}['"]\.\w{2,24}\s?\(|^\(?#\w{1,20}\s?=|\brequest\.get|^System\./.test(body)) return 5
  if (/\/etc\/|\bfile_excerpt\b|get_user_file/.test(body)) return 5
  if (/\|\s?(?:filter|map|sort|reduce)\s?\(\s?['"](?:system|exec|passthru)/.test(body)) return 5
  if (/^(?:import|include|extends|set|block|macro|raw|debug)\b/.test(body) && name === '{%') return 4
  if (code && /^`[^`]{1,80}`$/.test(body)) return 5
  if (/['"\d]\s?[*+]\s?['"\d]/.test(body) && name !== '<%') return 4
  if (body.includes(')') && /\w\s?\(/.test(body)) return code ? 3 : 3.5
  return code && /[=;(]/.test(inner) ? 2 : 0
}
