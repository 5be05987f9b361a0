import { project } from '../../jest.config.mjs'

export default project('resilience', import.meta.dirname)
