const sentence =
  'Whatever an application depends on will be away one day, and what its users see then was decided long before. '

/** A document of a few pages, another one each time. */
export function sampleDocument(number: number): { title: string; html: string } {
  const paragraph = `<p>${sentence.repeat(6)}This is sample ${number}.</p>`
  return { title: `Sample ${number}`, html: `<h1>Sample ${number}</h1>${paragraph.repeat(6)}` }
}
