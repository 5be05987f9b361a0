import { Router, type RequestHandler } from 'express'
import { ConflictError, NotFoundError } from '@hardening/errors'
import type { Cache } from '@hardening/cache'
import { fields, pagination, sanitizeHtml, validate } from '@hardening/validation'
import { projectId } from '../projects/project.js'
import { documentChange, documentFields, documentPath, newDocument } from './document.js'
import type { DocumentStore, StoredDocument } from './document-store.js'

/** `/api/projects/:project/documents`: HTML is sanitised before it is stored, so that no page can be hurt by it. */
export function documentRoutes(store: DocumentStore, cache: Cache, signedIn: RequestHandler): Router {
  const router = Router({ mergeParams: true })
  const choose = fields({ allowed: documentFields })
  const page = pagination()

  router.get('/', validate({ params: projectId }), page, choose, async (req, res) => {
    const { offset, limit } = page.of(req)
    const found = await store.list(Number(req.params['project']), offset, limit)
    if (found === undefined) throw new NotFoundError('There is no such project')
    page.describe(res, found.total)
    res.json(choose.pick(req, found.items))
  })

  router.post('/', signedIn, validate({ params: projectId, body: newDocument }), async (req, res) => {
    const { title, html } = req.body as { title: string; html: string }
    const project = Number(req.params['project'])
    const document = stored(await store.create(project, { title, html: sanitizeHtml(html) }))
    await cache.deleteByTag('projects')
    res.status(201).location(`/api/projects/${project}/documents/${document.id}`).json(document)
  })

  router.get('/:document', validate({ params: documentPath }), choose, async (req, res) => {
    const document = await store.find(Number(req.params['project']), Number(req.params['document']))
    if (document === undefined) throw new NotFoundError('There is no such document')
    res.json(choose.pick(req, document))
  })

  router.patch('/:document', signedIn, validate({ params: documentPath, body: documentChange }), async (req, res) => {
    const { title, html } = req.body as { title?: string; html?: string }
    const change = { title, html: html === undefined ? undefined : sanitizeHtml(html) }
    const changed = await store.change(Number(req.params['project']), Number(req.params['document']), change)
    if (changed === undefined) throw new NotFoundError('There is no such document')
    res.json(stored(changed))
  })

  router.delete('/:document', signedIn, validate({ params: documentPath }), async (req, res) => {
    const removed = await store.remove(Number(req.params['project']), Number(req.params['document']))
    if (!removed) throw new NotFoundError('There is no such document')
    await cache.deleteByTag('projects')
    res.status(204).end()
  })
  return router
}

function stored(document: StoredDocument): Exclude<StoredDocument, string> {
  if (document === 'no project') throw new NotFoundError('There is no such project')
  if (document === 'duplicate') throw new ConflictError('The project has this document already')
  return document
}
