import { Router, type RequestHandler } from 'express'
import { ConflictError, NotFoundError } from '@hardening/errors'
import type { Cache } from '@hardening/cache'
import { fields, pagination, validate } from '@hardening/validation'
import { newProject, projectChange, projectFields, projectId, type Project } from './project.js'
import type { ProjectStore } from './project-store.js'

/** `/api/projects`: reads are cached and public, writes need a login and empty what they change. */
export function projectRoutes(store: ProjectStore, cache: Cache, signedIn: RequestHandler): Router {
  const router = Router()
  const choose = fields({ allowed: projectFields })
  const page = pagination()

  router.get('/', page, choose, async (req, res) => {
    const { offset, limit } = page.of(req)
    const key = `list:${offset}:${limit}`
    const { total, items } = await cache.getOrSet(key, () => store.list(offset, limit), { tags: ['projects'] })
    page.describe(res, total)
    res.json(choose.pick(req, items))
  })

  router.post('/', signedIn, validate({ body: newProject }), async (req, res) => {
    const project = await store.create(req.body as { name: string; description: string })
    if (project === undefined) throw nameTaken()
    await cache.deleteByTag('projects')
    res.status(201).location(`/api/projects/${project.id}`).json(project)
  })

  router.get('/:project', validate({ params: projectId }), choose, async (req, res) => {
    const id = Number(req.params['project'])
    const project = await cache.getOrSet(`one:${id}`, async () => (await store.find(id)) ?? null, { tags: ['projects'] })
    if (project === null) throw noProject(id)
    res.json(choose.pick(req, project))
  })

  router.patch('/:project', signedIn, validate({ params: projectId, body: projectChange }), async (req, res) => {
    const id = Number(req.params['project'])
    const project: Project | 'taken' | undefined = await store.change(id, req.body as Partial<Project>)
    if (project === 'taken') throw nameTaken()
    if (project === undefined) throw noProject(id)
    await cache.deleteByTag('projects')
    res.json(project)
  })

  router.delete('/:project', signedIn, validate({ params: projectId }), async (req, res) => {
    const id = Number(req.params['project'])
    if (!(await store.remove(id))) throw noProject(id)
    await cache.deleteByTag('projects')
    res.status(204).end()
  })
  return router
}

function nameTaken(): ConflictError {
  return new ConflictError('A project of this name exists already')
}

function noProject(id: number): NotFoundError {
  return new NotFoundError(`There is no project ${id}`)
}
