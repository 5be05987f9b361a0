/** What a file can be, decided from its bytes. */
export interface FileType {
  /** Short name, as options use it: `pdf`. */
  readonly id: string
  /** Media type under which it is handed on. */
  readonly mime: string
  /** Other media types that clients declare for it. */
  readonly aliases: readonly string[]
  /** Extensions without dot; the first is the one it is stored under. */
  readonly extensions: readonly string[]
  /** What it is looked into for. */
  readonly family: 'image' | 'document' | 'archive' | 'opaque-archive' | 'media' | 'text' | 'active' | 'other'
}

function type(id: string, family: FileType['family'], mimes: string, extensions = id): FileType {
  const [mime = '', ...aliases] = mimes.split(' ')
  return { id, family, mime, aliases, extensions: extensions.split(' ') }
}

/** All types that are told apart. What is `active` runs where it is opened, and is never taken. */
export const fileTypes: readonly FileType[] = [
  type('jpeg', 'image', 'image/jpeg image/jpg image/pjpeg', 'jpg jpeg jpe jfif'),
  type('png', 'image', 'image/png image/x-png'),
  type('gif', 'image', 'image/gif'),
  type('webp', 'image', 'image/webp'),
  type('bmp', 'image', 'image/bmp image/x-ms-bmp', 'bmp dib'),
  type('tiff', 'image', 'image/tiff', 'tiff tif'),
  type('ico', 'image', 'image/x-icon image/vnd.microsoft.icon', 'ico cur'),
  type('avif', 'image', 'image/avif', 'avif avifs'),
  type('heic', 'image', 'image/heic image/heif', 'heic heif heics hif'),
  type('svg', 'image', 'image/svg+xml', 'svg'),
  type('pdf', 'document', 'application/pdf application/x-pdf'),
  type('rtf', 'document', 'application/rtf text/rtf'),
  type('docx', 'document', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'),
  type('xlsx', 'document', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'),
  type('pptx', 'document', 'application/vnd.openxmlformats-officedocument.presentationml.presentation'),
  type('odt', 'document', 'application/vnd.oasis.opendocument.text'),
  type('ods', 'document', 'application/vnd.oasis.opendocument.spreadsheet'),
  type('odp', 'document', 'application/vnd.oasis.opendocument.presentation'),
  type('epub', 'document', 'application/epub+zip'),
  type(
    'ole',
    'document',
    'application/msword application/vnd.ms-excel application/vnd.ms-powerpoint',
    'doc xls ppt dot xlt pps',
  ),
  type('zip', 'archive', 'application/zip application/x-zip-compressed'),
  type('gzip', 'archive', 'application/gzip application/x-gzip', 'gz tgz'),
  type('tar', 'opaque-archive', 'application/x-tar application/tar'),
  type('bzip2', 'opaque-archive', 'application/x-bzip2', 'bz2'),
  type('xz', 'opaque-archive', 'application/x-xz'),
  type('zstd', 'opaque-archive', 'application/zstd', 'zst'),
  type('7z', 'opaque-archive', 'application/x-7z-compressed'),
  type('rar', 'opaque-archive', 'application/vnd.rar application/x-rar-compressed'),
  type('cab', 'opaque-archive', 'application/vnd.ms-cab-compressed'),
  type('mp3', 'media', 'audio/mpeg audio/mp3'),
  type('wav', 'media', 'audio/wav audio/x-wav audio/wave'),
  type('flac', 'media', 'audio/flac audio/x-flac'),
  type('ogg', 'media', 'audio/ogg video/ogg application/ogg', 'ogg oga ogv opus'),
  type('mp4', 'media', 'video/mp4 audio/mp4 audio/x-m4a video/quicktime video/3gpp', 'mp4 m4a m4v mov 3gp'),
  type('webm', 'media', 'video/webm audio/webm video/x-matroska', 'webm mkv mka'),
  type('avi', 'media', 'video/x-msvideo video/avi'),
  type('txt', 'text', 'text/plain', 'txt text log'),
  type('md', 'text', 'text/markdown text/x-markdown', 'md markdown'),
  type('csv', 'text', 'text/csv application/csv application/vnd.ms-excel', 'csv'),
  type('tsv', 'text', 'text/tab-separated-values', 'tsv'),
  type('json', 'text', 'application/json text/json application/x-ndjson', 'json ndjson jsonl geojson'),
  type('yaml', 'text', 'application/yaml text/yaml application/x-yaml', 'yaml yml'),
  type('xml', 'text', 'application/xml text/xml', 'xml'),
  type('woff2', 'other', 'font/woff2'),
  type('woff', 'other', 'font/woff'),
  type('ttf', 'other', 'font/ttf font/otf', 'ttf otf'),
  type('sqlite', 'other', 'application/vnd.sqlite3', 'sqlite db'),
  type('html', 'active', 'text/html application/xhtml+xml', 'html htm xhtml shtml'),
  type('script', 'active', 'text/x-shellscript', 'sh bash py pl rb'),
  type('php', 'active', 'application/x-httpd-php', 'php phtml'),
  type('exe', 'active', 'application/vnd.microsoft.portable-executable', 'exe dll scr com sys'),
  type('elf', 'active', 'application/x-elf', 'elf so bin'),
  type('macho', 'active', 'application/x-mach-binary', 'dylib'),
  type('java', 'active', 'application/java-vm', 'class'),
  type('jar', 'active', 'application/java-archive application/vnd.android.package-archive', 'jar war apk'),
  type('wasm', 'active', 'application/wasm'),
  type('lnk', 'active', 'application/x-ms-shortcut'),
]

export const typeById: ReadonlyMap<string, FileType> = /* @__PURE__ */ new Map(
  fileTypes.map((entry) => [entry.id, entry]),
)

const servers =
  'php php3 php4 php5 php7 php8 phps pht phtml phar asp aspx ashx asmx asa asax cer cdx jsp jspx jsw jspf jsv cfm cfml cgi fcgi ' +
  'pl py rb shtml htaccess htpasswd exe scr bat cmd msi hta js jse vbs vbe wsf ps1 lnk html htm xhtml svg sh jar'

/** Extensions of what servers or desktops run even where another extension follows. */
export const runnableAnywhere: ReadonlySet<string> = new Set(servers.split(' '))

/** Extensions of what runs on some server or desktop. */
export const runnableExtensions: ReadonlySet<string> = new Set(
  (
    `${servers} pm pyc bash zsh csh ksh dll com cpl psm1 vb mjs cjs ws wsh scf inf reg url app dmg pkg deb rpm apk war config ` +
    'svgz xht swf docm dotm xlsm xltm xlam xlsb pptm potm ppam ppsm sldm desktop jnlp chm iso img'
  ).split(' '),
)
