import { project } from '../../jest.config.mjs'

export default project('health', import.meta.dirname)
