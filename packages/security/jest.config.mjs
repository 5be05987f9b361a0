import { project } from '../../jest.config.mjs'

export default project('security', import.meta.dirname)
