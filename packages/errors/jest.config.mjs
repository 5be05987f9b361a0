import { project } from '../../jest.config.mjs'

export default project('errors', import.meta.dirname)
