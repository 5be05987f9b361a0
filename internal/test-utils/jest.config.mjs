import { project } from '../../jest.config.mjs'

export default project('test-utils', import.meta.dirname)
