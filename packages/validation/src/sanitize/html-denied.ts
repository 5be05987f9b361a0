/**
 * Elements that no option brings through: they run code, load documents, send forms, change how the rest is parsed, or are
 * parsed differently by browsers and by the library underneath, which is how known bypasses work.
 */
export const deniedTags: ReadonlySet<string> = new Set(
  (
    'script style textarea option optgroup xmp noscript noembed noframes plaintext object embed applet param meta base ' +
    'basefont link title template slot frame frameset portal fencedframe svg math animate animatecolor animatemotion ' +
    'animatetransform set use image foreignobject desc annotation-xml mglyph malignmark form input button select ' +
    'datalist keygen isindex listing html head body bgsound marquee blink dialog canvas'
  ).split(' '),
)

/** Elements whose content goes with them: it is code, raw text or another language, never something to read. */
export const deniedContent: readonly string[] =
  'script style textarea option xmp noscript noembed noframes plaintext iframe template title svg math select canvas'.split(
    ' ',
  )

const deniedAttributes: ReadonlySet<string> = new Set(
  (
    'style formaction action method ping poster background srcdoc srcset imagesrcset dynsrc lowsrc data code codebase ' +
    'classid archive manifest profile http-equiv content nonce integrity is slot part form autofocus contenteditable ' +
    'accesskey tabindex xmlns allow allowfullscreen sandbox popovertarget commandfor download usemap'
  ).split(' '),
)

/** Whether an attribute must not come through. `style` is only let through by way of its own list of properties. */
export function isDeniedAttribute(name: string): boolean {
  return name.startsWith('on') || name.includes(':') || deniedAttributes.has(name)
}
