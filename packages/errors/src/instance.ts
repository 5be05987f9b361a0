const maxLength = 1024

/**
 * The path of a request as a URI reference. Two slashes at the start would name a host (RFC 3986 section 4.2), and a path
 * that is too long to be of use is not sent back.
 */
export function instanceOf(path: string): string | undefined {
  if (path.length > maxLength) return undefined
  const single = path.startsWith('//') ? path.replace(/^\/+/, '/') : path
  return /^[!$&'()*+,/:;=@\w.~%-]*$/.test(single) ? single : encoded(single)
}

function encoded(path: string): string {
  return path.replace(/[^!$&'()*+,/:;=@\w.~%-]/g, (character) =>
    character.charCodeAt(0) > 127
      ? '%EF%BF%BD'
      : `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
}
