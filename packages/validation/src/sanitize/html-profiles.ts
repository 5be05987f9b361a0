/** What comes through the HTML sanitiser. */
export type HtmlProfile = 'none' | 'inline' | 'basic' | 'rich'

/** Elements and attributes by element. */
export interface HtmlAllowList {
  readonly tags: readonly string[]
  readonly attributes: Readonly<Record<string, readonly string[]>>
}

const inline =
  'a abbr b bdi bdo br cite code del dfn em i ins kbd mark q s samp small span strong sub sup u var wbr'.split(' ')
const blocks = 'blockquote dd div dl dt hr li ol p pre ul'.split(' ')
const rich = (
  'address article aside caption col colgroup details figcaption figure footer h1 h2 h3 h4 h5 h6 header img main nav ' +
  'rp rt ruby section summary table tbody td tfoot th thead time tr'
).split(' ')

const links = { '*': ['dir', 'lang', 'title'], a: ['href', 'rel'] }

/** From nothing to what an article needs. */
export const htmlProfiles: Readonly<Record<HtmlProfile, HtmlAllowList>> = {
  none: { tags: [], attributes: {} },
  inline: { tags: inline, attributes: links },
  basic: { tags: [...inline, ...blocks], attributes: { ...links, ol: ['start', 'reversed'], blockquote: ['cite'] } },
  rich: {
    tags: [...inline, ...blocks, ...rich],
    attributes: {
      ...links,
      ol: ['start', 'reversed'],
      blockquote: ['cite'],
      img: ['src', 'alt', 'width', 'height', 'loading'],
      td: ['colspan', 'rowspan'],
      th: ['colspan', 'rowspan', 'scope'],
      col: ['span'],
      colgroup: ['span'],
      time: ['datetime'],
      details: ['open'],
    },
  },
}

/** Style properties that can be allowed, each with the only values that come through. */
export const styleValues: Readonly<Record<string, readonly RegExp[]>> = {
  color: [/^#[0-9a-f]{3,8}$/i, /^[a-z]{3,30}$/i, /^rgba?\([\d., %]{1,40}\)$/],
  'background-color': [/^#[0-9a-f]{3,8}$/i, /^[a-z]{3,30}$/i, /^rgba?\([\d., %]{1,40}\)$/],
  'text-align': [/^(?:left|right|center|justify|start|end)$/],
  'text-decoration': [/^(?:none|underline|line-through|overline)$/],
  'font-weight': [/^(?:normal|bold|[1-9]00)$/],
  'font-style': [/^(?:normal|italic)$/],
  'font-size': [/^\d{1,3}(?:\.\d{1,2})?(?:px|pt|em|rem|%)$/],
  'vertical-align': [/^(?:baseline|top|middle|bottom|sub|super)$/],
  width: [/^\d{1,4}(?:\.\d{1,2})?(?:px|em|rem|%)$/],
  height: [/^\d{1,4}(?:\.\d{1,2})?(?:px|em|rem)$/],
}
