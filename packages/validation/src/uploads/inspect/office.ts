import type { ZipContent } from './archive.js'
import { RefusedContent } from './refusal.js'

/** Whether the text of an entry tells what a document made of a zip archive is, or what it loads. */
export function isTelling(name: string): boolean {
  return name === 'mimetype' || name === '[Content_Types].xml' || name.endsWith('.rels')
}

/** Which type of the table a zip archive is. */
export function zipType({ names, texts }: ZipContent): string {
  const has = (prefix: string): boolean => names.some((name) => name.startsWith(prefix))
  if (names.includes('[Content_Types].xml')) {
    if (has('word/')) return 'docx'
    if (has('xl/')) return 'xlsx'
    if (has('ppt/')) return 'pptx'
  }
  const mime = texts.get('mimetype')?.trim()
  if (mime === 'application/epub+zip') return 'epub'
  if (mime === 'application/vnd.oasis.opendocument.text') return 'odt'
  if (mime === 'application/vnd.oasis.opendocument.spreadsheet') return 'ods'
  if (mime === 'application/vnd.oasis.opendocument.presentation') return 'odp'
  const runs = names.some(
    (name) => name === 'META-INF/MANIFEST.MF' || name === 'AndroidManifest.xml' || name.endsWith('.class'),
  )
  return runs ? 'jar' : 'zip'
}

const active = /(?:^|\/)(?:vbaProject\.bin|vbaData\.xml|macrosheets\/|activeX\/|Basic\/|Scripts\/|customUI\/)/i
const embedded = /(?:^|\/)embeddings\/[^/]{0,255}\.(?:bin|exe|dll|js|vbs|bat|cmd|ps1|hta|lnk)$/i

/**
 * Refuses documents of Office and OpenDocument that run something: macros, ActiveX, embedded objects, a template or frame that is
 * loaded from elsewhere.
 *
 * @throws RefusedContent
 */
export function refuseActiveOffice({ names, texts }: ZipContent): void {
  if (names.some((name) => active.test(name) || embedded.test(name))) throw macro()
  if (/macroEnabled|vbaProject/i.test(texts.get('[Content_Types].xml') ?? '')) throw macro()
  for (const [name, text] of texts) {
    if (name.endsWith('.rels') && loadsFromOutside(text)) {
      throw new RefusedContent('remote_template', 'loads a template or object from elsewhere')
    }
  }
}

function macro(): RefusedContent {
  return new RefusedContent('macro', 'contains a macro or embedded program')
}

/** Whether a relationship that is followed without being asked points outside (ECMA-376 part 2, section 9). */
function loadsFromOutside(rels: string): boolean {
  return rels.split('<').some((element) => {
    const relationship = element.toLowerCase()
    if (!/targetmode\s{0,99}=\s{0,99}["']\s{0,99}external/.test(relationship)) return false
    return /attachedtemplate|oleobject|frame|subdocument|externallink|afchunk/.test(relationship)
  })
}

// The stream of a macro project in the directory of an OLE file ([MS-OVBA] section 2.2.1), in UTF-16.
const oleMacros: readonly Buffer[] = /* @__PURE__ */ ['_VBA_PROJECT', 'VBA\0', 'Macros\0', 'Ole10Native'].map((name) =>
  Buffer.from(name, 'utf16le'),
)

/** Whether bytes of an OLE file name a macro project or a packed program. */
export function namesOleMacro(bytes: Buffer): boolean {
  return oleMacros.some((name) => bytes.includes(name))
}
