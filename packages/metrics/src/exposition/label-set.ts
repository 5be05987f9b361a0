/** Labels of a series, by name. */
export type Labels = Readonly<Record<string, string | number>>

/** The labels of one series, with the text that they are shown as, which is made once. */
export class LabelSet {
  readonly labels: Labels
  #text: string | undefined = undefined

  constructor(labels: Labels) {
    this.labels = labels
  }

  /** `method="GET",route="/users/:id"` */
  get text(): string {
    return (this.#text ??= labelText(this.labels))
  }
}

/** The labels of a series that has none. */
export const noLabels: LabelSet = new LabelSet({})

/** Labels as both formats write them: a backslash, a quote and a line feed in a value are escaped. */
export function labelText(labels: Labels): string {
  let text = ''
  for (const name in labels) {
    if (text !== '') text += ','
    text += `${name}="${escapeLabelValue(String(labels[name]))}"`
  }
  return text
}

function escapeLabelValue(value: string): string {
  return /[\\\n"]/.test(value) ? value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"') : value
}
