import { Router, type RequestHandler } from 'express'
import { ConflictError, NotFoundError } from '@hardening/errors'
import type { Cache } from '@hardening/cache'
import { pagination, sanitizeHtml, validate } from '@hardening/validation'
import { projectId } from '../projects/project.js'
import { documentChange, documentPath, newDocument, type Document } from './document.js'
import type { DocumentStore, StoredDocument } from './document-store.js'

/** `/api/projects/:project/documents`: HTML is sanitised before it is stored, so that no page can be hurt by it. */
export function documentRoutes(store: DocumentStore, cache: Cache, signedIn: RequestHandler): Router {
  const router = Router({ mergeParams: true })
  const paged = pagination()
  const list = validate({ params: projectId })
  const create = validate({ params: projectId, body: newDocument })
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
    const { params, body } = create.valid(req)
    const document = stored(await store.create(params.project, { title: body.title, html: sanitizeHtml(body.html) }))
    // A project tells how many documents it has.
    await cache.deleteByTag('projects')
    res.status(201).location(`/api/projects/${params.project}/documents/${document.id}`).json(document)
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
    res.json(stored(changed))
  })

  router.delete('/:document', signedIn, one, async (req, res) => {
    const { project, document } = one.valid(req).params
    if (!(await store.remove(project, document))) throw noDocument()
    await cache.deleteByTag('projects')
    res.status(204).end()
  })
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
