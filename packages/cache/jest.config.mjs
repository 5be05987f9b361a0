import { project } from '../../jest.config.mjs'

export default project('cache', import.meta.dirname)
