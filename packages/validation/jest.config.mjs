import { project } from '../../jest.config.mjs'

export default project('validation', import.meta.dirname)
