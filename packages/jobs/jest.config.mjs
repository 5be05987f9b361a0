import { project } from '../../jest.config.mjs'

export default project('jobs', import.meta.dirname)
