import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigError } from '@hardening/core'
import { pathGuard, PathGuardError, resolveWithin } from '../../src/index.js'

let root: string
let outside: string
beforeAll(async () => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'path-guard-')))
  root = join(folder, 'files')
  outside = join(folder, 'files-secret')
  await mkdir(join(root, 'a', 'b'), { recursive: true })
  await mkdir(outside)
  await writeFile(join(root, 'a', 'b', 'c.txt'), 'c')
  await writeFile(join(root, '.env'), 'x')
  await writeFile(join(outside, 's.txt'), 's')
  await symlink(join(outside, 's.txt'), join(root, 'link.txt'))
  await symlink(outside, join(root, 'folder'))
  await symlink('b', join(root, 'a', 'inner'))
  await symlink('nowhere/at/all', join(root, 'dangling'))
  await symlink('loop', join(root, 'loop'))
})
afterAll(() => rm(join(root, '..'), { recursive: true, force: true }))

const guarded = async (path: string, options = {}) => {
  try {
    return await pathGuard(root, path, options)
  } catch (error) {
    if (error instanceof PathGuardError) return error.reason
    throw error
  }
}

describe('pathGuard', () => {
  it.each([
    '../files-secret/s.txt',
    '..',
    '../',
    'a/../../x',
    'a/b/../../../x',
    '../../../../etc/passwd',
    './../x',
    'a/./../../x',
    '..\\x',
    'a\\..\\..\\x',
    '..%2fx',
    '%2e%2e/x',
    '%2e%2e%2fx',
    '..%5cx',
    '..%252fx',
    '%252e%252e%252fx',
    '..%c0%afx',
    '%c0%ae%c0%ae/x',
    '%c0%ae%c0%ae%c0%afx',
    '%e0%80%ae%e0%80%ae/x',
    '..%u2215x',
    '..\u2215x',
    '\uff0e\uff0e/x',
    '..;/x',
    '.../x/../../..',
    '..%00/x',
    '....//x',
    '/etc/passwd',
    '//etc/passwd',
    '\\\\server\\share\\x',
    'C:\\x',
    'c:/x',
    'C:x',
    'file:///etc/passwd',
    'http://x/y',
    'php://input',
    'x\0.png',
    'x%00.png',
    'a\nb',
    '',
    'CON',
    'nul.txt',
    'a/COM1',
    'lpt9.log',
    'file.txt:stream',
    'a./x',
    'a /x',
    'x.',
    '.env',
    'a/.git/config',
    'link.txt',
    'folder/s.txt',
    'folder/new.txt',
    'folder',
    'dangling',
    'loop',
    `${'a/'.repeat(3000)}x`,
  ])('[VA-5] C11 refuses %j', async (path) => {
    const result = await guarded(path)
    expect(result).not.toContain('/')
  })

  it.each([
    ['a/b/c.txt', 'a/b/c.txt'],
    ['a//b/./c.txt', 'a/b/c.txt'],
    ['a/inner/c.txt', 'a/b/c.txt'],
    ['new.txt', 'new.txt'],
    ['new/deeper/x.txt', 'new/deeper/x.txt'],
    ['50% off.txt', '50% off.txt'],
    ['report..final.pdf', 'report..final.pdf'],
    ["O'Brien & sons (2).txt", "O'Brien & sons (2).txt"],
    ['日本語.txt', '日本語.txt'],
    ['console.log', 'console.log'],
    ['.', ''],
  ])('[VA-5] gives %j as %j', async (path, expected) => {
    expect(await guarded(path)).toBe(expected === '' ? root : join(root, expected))
  })

  it('[VA-5] allows hidden files and backslashes on request', async () => {
    expect(await guarded('.env', { dotfiles: true })).toBe(join(root, '.env'))
    expect(await guarded('a\\b.txt', { backslashes: true })).toBe(join(root, 'a\\b.txt'))
    expect(await guarded('..\\x', { backslashes: true })).toBe('leads upwards')
  })

  it('[VA-5] resolveWithin decides by the names alone', () => {
    expect(resolveWithin(root, 'a/b')).toBe(join(root, 'a', 'b'))
    expect(() => resolveWithin(root, '../files-secret')).toThrow(PathGuardError)
  })

  it('[VA-5] throws for the client without the path, and refuses wrong options', async () => {
    await expect(pathGuard(root, '../secret')).rejects.toMatchObject({ status: 400, code: 'ERR_VALIDATION_PATH_GUARD' })
    await expect(pathGuard(root, '../secret')).rejects.not.toThrow('secret')
    await expect(pathGuard(root, 'a', { dotFiles: true } as never)).rejects.toThrow(ConfigError)
    await expect(pathGuard(root, 'a', { dotfiles: 'yes' as never })).rejects.toThrow(ConfigError)
  })
})
