import { project } from '../../jest.config.mjs'

export default project('core', import.meta.dirname)
