import { project } from '../../jest.config.mjs'

export default project('demo', import.meta.dirname)
