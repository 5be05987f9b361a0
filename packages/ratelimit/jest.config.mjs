import { project } from '../../jest.config.mjs'

export default project('ratelimit', import.meta.dirname)
