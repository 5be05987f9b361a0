import { project } from '../../jest.config.mjs'

export default project('logging', import.meta.dirname)
