import { Router, type RequestHandler } from 'express'
import { ConflictError, NotFoundError } from '@hardening/errors'
import type { Cache } from '@hardening/cache'
import type { Kit } from '@hardening/kit'
import type { Background } from '../background/background.js'
import type { FindingStore } from '../background/finding-store.js'
import { findingsOf, readChunks, type Findings } from '../background/findings.js'
import { pagination, sanitizeHtml, validate } from '@hardening/validation'
import { projectId } from '../projects/project.js'
import { documentChange, documentPath, inBackground, newDocument, type Document } from './document.js'
import type { DocumentStore, StoredDocument } from './document-store.js'

/** What the routes work with. */
export interface DocumentParts {
  readonly store: DocumentStore
  readonly findings: FindingStore
  readonly background: Background
  readonly cache: Cache
  readonly trackers: Kit['trackers']
}

/**
 * `/api/projects/:project/documents`: HTML is sanitised before it is stored, so that no page can be hurt by it. New
 * documents are processed at once or, with `?background=true`, behind the request.
 */
export function documentRoutes(parts: DocumentParts, signedIn: RequestHandler): Router {
  const { store, findings, background, cache, trackers } = parts
  const find = (html: string): Findings => findingsOf(html, [...readChunks(html)])
  const measured = trackers?.monitor('findings')(find) ?? find
  const router = Router({ mergeParams: true })
  const paged = pagination()
  const list = validate({ params: projectId })
  const create = validate({ params: projectId, query: inBackground, body: newDocument })
  const one = validate({ params: documentPath })
  const change = validate({ params: documentPath, body: documentChange })

  router.get('/', list, paged, async (req, res) => {
    const page = paged.page(req)
    const found = await store.list(list.valid(req).params.project, page.offset, page.limit)
    if (found === undefined) throw noProject()
    page.setTotal(found.total)
    res.json(found.items)
  })

  router.post('/', signedIn, create, async (req, res) => {
    const { params, query, body } = create.valid(req)
    const document = stored(await store.create(params.project, { title: body.title, html: sanitizeHtml(body.html) }))
    // A project tells how many documents it has.
    await cache.deleteByTag('projects')
    const job = query.background ? await handOver(document) : undefined
    if (job === undefined) await processNow(document)
    trackers?.count('document_stored')
    res.location(`/api/projects/${params.project}/documents/${document.id}`)
    res.status(job === undefined ? 201 : 202).json({ ...document, job })
  })

  router.get('/:document', one, async (req, res) => {
    const { project, document: id } = one.valid(req).params
    const document = await store.find(project, id)
    if (document === undefined) throw noDocument()
    res.json(document)
  })

  router.patch('/:document', signedIn, change, async (req, res) => {
    const { params, body } = change.valid(req)
    const html = body.html === undefined ? undefined : sanitizeHtml(body.html)
    const changed = await store.change(params.project, params.document, { title: body.title, html })
    if (changed === undefined) throw noDocument()
    const document = stored(changed)
    if (html !== undefined) await processNow(document)
    res.json(document)
  })

  router.get('/:document/findings', one, async (req, res) => {
    const { project, document } = one.valid(req).params
    const found = await findings.find(project, document)
    if (found === undefined) throw noDocument()
    if (found === null) res.status(202).json({ processed: false })
    else res.json({ processed: true, ...found })
  })

  router.delete('/:document', signedIn, one, async (req, res) => {
    const { project, document } = one.valid(req).params
    if (!(await store.remove(project, document))) throw noDocument()
    await cache.deleteByTag('projects')
    res.status(204).end()
  })
  async function processNow({ id, html }: Document): Promise<void> {
    await findings.save(id, measured(html))
  }

  /** A document that nobody is going to process is not kept: the client is told to come again. */
  async function handOver(document: Document): Promise<string> {
    try {
      return (await background.submit(document)).id
    } catch (error) {
      await store.remove(document.projectId, document.id)
      throw error
    }
  }
  return router
}

function stored(document: StoredDocument): Document {
  if (document === 'no project') throw noProject()
  if (document === 'duplicate') throw new ConflictError('The project has this document already')
  return document
}

function noProject(): NotFoundError {
  return new NotFoundError('There is no such project')
}

function noDocument(): NotFoundError {
  return new NotFoundError('There is no such document')
}
