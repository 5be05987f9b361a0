import engine from 'sanitize-html'
import { deniedContent, isDeniedAttribute } from './html-denied.js'
import { styleValues } from './html-profiles.js'

/** What {@link HtmlEngine} lets through, already checked. */
export interface EngineRules {
  readonly tags: readonly string[]
  readonly attributes: Readonly<Record<string, readonly string[]>>
  readonly classes: Readonly<Record<string, readonly string[]>>
  readonly styles: readonly string[]
  readonly schemes: readonly string[]
  readonly iframeHosts: readonly string[]
  readonly linkRel: string
  readonly maxDepth: number
  readonly maxTags: number
}

/** Thrown through the library and caught by whoever called it; never seen outside. */
export class MarkupLimit extends Error {}

const longestUrl = 2_048
const longestValue = 10_000
const urlAttributes: ReadonlySet<string> = new Set(['href', 'src', 'cite', 'longdesc'])

/** sanitize-html with our rules worked out once, and with bounds on depth and number of elements while it parses. */
export class HtmlEngine {
  /** What the library is given. */
  readonly options: engine.IOptions
  readonly #maxDepth: number
  readonly #maxTags: number
  #depth = 0
  #tags = 0

  constructor(rules: EngineRules) {
    this.#maxDepth = rules.maxDepth
    this.#maxTags = rules.maxTags
    this.options = this.#optionsOf(rules)
  }

  /** @throws MarkupLimit where the document has more elements, or deeper ones, than the rules allow. */
  clean(html: string): string {
    this.#depth = 0
    this.#tags = 0
    return engine(asBrowsersRead(html), this.options)
  }

  #optionsOf(rules: EngineRules): engine.IOptions {
    const iframe = rules.iframeHosts.length > 0
    return {
      allowedTags: iframe ? [...rules.tags, 'iframe'] : [...rules.tags],
      allowedAttributes: attributesOf(rules),
      allowedClasses: mutable(rules.classes),
      allowedStyles: { '*': Object.fromEntries(rules.styles.map((name) => [name, [...(styleValues[name] ?? [])]])) },
      allowedSchemes: [...rules.schemes],
      allowedSchemesByTag: { iframe: ['https'], img: rules.schemes.filter((scheme) => scheme !== 'mailto') },
      allowedSchemesAppliedToAttributes: [...urlAttributes],
      allowProtocolRelative: false,
      allowedIframeHostnames: [...rules.iframeHosts],
      allowIframeRelativeUrls: false,
      disallowedTagsMode: 'discard',
      nonTextTags: iframe ? deniedContent.filter((tag) => tag !== 'iframe') : [...deniedContent],
      onOpenTag: (_name: string, attributes: Record<string, string>) => this.#open(attributes),
      onCloseTag: () => void this.#depth--,
      transformTags: {
        a: (tagName, attribs) => {
          if (attribs['href'] !== undefined && rules.linkRel !== '') attribs['rel'] = rules.linkRel
          else delete attribs['rel']
          return { tagName, attribs }
        },
        iframe: (tagName, attribs) => ({
          tagName,
          attribs: { ...attribs, sandbox: 'allow-scripts allow-same-origin' },
        }),
      },
    }
  }

  #open(attributes: Record<string, string>): void {
    if (++this.#depth > this.#maxDepth || ++this.#tags > this.#maxTags) throw new MarkupLimit()
    for (const name in attributes) {
      const longest = urlAttributes.has(name) ? longestUrl : longestValue
      const denied = isDeniedAttribute(name) && name !== 'style'
      if (denied || (attributes[name] as string).length > longest) delete attributes[name]
    }
  }
}

/**
 * What browsers take for the end of an element or comment (WHATWG HTML sections 13.2.5.7 and 13.2.5.53), spelled as every
 * version of the library understands it.
 */
export function asBrowsersRead(html: string): string {
  return html.replace(/--!>/g, '-->').replace(/(<\/[a-z][a-z0-9-]*)[\s/][^<>]*>/gi, '$1>')
}

function attributesOf(rules: EngineRules): Record<string, string[]> {
  const attributes = mutable(rules.attributes)
  if (rules.styles.length > 0) attributes['*'] = [...(attributes['*'] ?? []), 'style']
  if (rules.iframeHosts.length > 0) attributes['iframe'] = ['src', 'width', 'height', 'title', 'sandbox', 'loading']
  return attributes
}

function mutable(lists: Readonly<Record<string, readonly string[]>>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(lists).map(([key, list]) => [key, [...list]]))
}
