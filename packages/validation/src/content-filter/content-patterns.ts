/** Patterns of personal data for {@link contentFilter}: pick those that should not stand in public. */
export const contentPatterns: Readonly<Record<'email' | 'phone' | 'card' | 'link', RegExp>> = {
  /** An e-mail address. */
  email: /(?<![\w.+-])[\w.+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}(?![\w-])/i,
  /** A telephone number in international form, or with groups. */
  phone: /(?<![\w+])(?:\+\d{1,3}|0\d{1,5})(?:[ ./()-]{1,2}\d{1,9}){1,6}(?!\w)/,
  /** 13 to 19 digits as they stand on payment cards, alone or in groups of four. */
  card: /(?<!\d)(?:\d{4}[ -]?){3}\d{1,7}(?!\d)/,
  /** An address of a page. */
  link: /\b(?:https?:\/\/|www\.)[^\s<>"']{1,2000}/i,
}
