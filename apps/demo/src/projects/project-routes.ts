import { Router, type RequestHandler } from 'express'
import { ConflictError, NotFoundError } from '@hardening/errors'
import type { Cache } from '@hardening/cache'
import type { Kit } from '@hardening/kit'
import { pagination, validate } from '@hardening/validation'
import { newProject, projectChange, projectId } from './project.js'
import type { ProjectStore } from './project-store.js'

/** What the routes work with. */
export interface ProjectParts {
  readonly store: ProjectStore
  readonly cache: Cache
  readonly trackers: Kit['trackers']
}

/** `/api/projects`: reads are cached and public, writes need a login and empty what they change. */
export function projectRoutes({ store, cache, trackers }: ProjectParts, signedIn: RequestHandler): Router {
  const router = Router()
  const paged = pagination()
  const one = validate({ params: projectId })
  const create = validate({ body: newProject })
  const change = validate({ params: projectId, body: projectChange })

  router.get('/', paged, async (req, res) => {
    const page = paged.page(req)
    const { offset, limit } = page
    const load = () => store.list(offset, limit)
    const { total, items } = await cache.getOrSet(`list:${offset}:${limit}`, load, { tags: ['projects'] })
    page.setTotal(total)
    res.json(items)
  })

  router.post('/', signedIn, create, async (req, res) => {
    const project = await store.create(create.valid(req).body)
    if (project === undefined) throw nameTaken()
    await cache.deleteByTag('projects')
    trackers?.count('project_created')
    res.status(201).location(`/api/projects/${project.id}`).json(project)
  })

  router.get('/:project', one, async (req, res) => {
    const { project: id } = one.valid(req).params
    const load = async () => (await store.find(id)) ?? null
    const project = await cache.getOrSet(`one:${id}`, load, { tags: ['projects'] })
    if (project === null) throw noProject(id)
    res.json(project)
  })

  router.patch('/:project', signedIn, change, async (req, res) => {
    const { params, body } = change.valid(req)
    const project = await store.change(params.project, body)
    if (project === 'taken') throw nameTaken()
    if (project === undefined) throw noProject(params.project)
    await cache.deleteByTag('projects')
    res.json(project)
  })

  router.delete('/:project', signedIn, one, async (req, res) => {
    const { project: id } = one.valid(req).params
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
