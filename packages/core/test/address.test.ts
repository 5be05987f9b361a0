import { BlockList, isIPv4, isIPv6 } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import { ipKeyGenerator } from 'express-rate-limit'
import fc from 'fast-check'
import {
  addressKey,
  addressSet,
  createAddressSet,
  isLoopbackAddress,
  isPrivateAddress,
  normalizeAddress,
  parseAddress,
  parseCidr,
} from '../src/address/index.js'
import { ConfigError } from '../src/errors.js'

const octet = fc.nat(255)
const ipv4 = fc.tuple(octet, octet, octet, octet).map((octets) => octets.join('.'))
// Zeros are frequent, so that there is something to shorten.
const group = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.nat(0xffff) })
const groups = fc.array(group, { minLength: 8, maxLength: 8 })

/** One of the many spellings of an IPv6 address. */
const spelling = fc
  .record({ groups, pad: fc.boolean(), upper: fc.boolean(), dotted: fc.boolean(), gap: fc.nat(7), zone: fc.boolean() })
  .map(({ groups, pad, upper, dotted, gap, zone }) => {
    const parts = groups.map((value) => value.toString(16).padStart(pad ? 4 : 1, '0'))
    if (dotted) {
      const [a = 0, b = 0] = groups.slice(6)
      parts.splice(6, 2, `${a >> 8}.${a & 255}.${b >> 8}.${b & 255}`)
    }
    let end = gap
    while (end < Math.min(parts.length, dotted ? 6 : 8) && groups[end] === 0) end++
    const short = end > gap ? `${parts.slice(0, gap).join(':')}::${parts.slice(end).join(':')}` : parts.join(':')
    return { groups, text: `${upper ? short.toUpperCase() : short}${zone ? '%eth0' : ''}` }
  })

describe('reading an address', () => {
  const same: [text: string, normal: string][] = [
    ['192.0.2.1', '192.0.2.1'],
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['2001:DB8::1', '2001:db8::1'],
    ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['1:0:2:0:3:0:4:5', '1:0:2:0:3:0:4:5'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['::ffff:102:304', '1.2.3.4'],
    ['::FFFF:1.2.3.4', '1.2.3.4'],
    ['0:0:0:0:0:ffff:1.2.3.4', '1.2.3.4'],
    ['0000:0000:0000:0000:0000:ffff:0102:0304', '1.2.3.4'],
    ['::ffff:1.2.3.4%eth0', '1.2.3.4'],
    ['::1.2.3.4', '::102:304'],
    ['::ffff:0:1.2.3.4', '::ffff:0:102:304'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['1:2:3:4:5:6:1.2.3.4', '1:2:3:4:5:6:102:304'],
    ['fe80::1%eth0', 'fe80::1'],
    ['fe80::1%3', 'fe80::1'],
  ]
  it.each(same)('[SE-4] address: %s is read as %s', (text, normal) => {
    expect(normalizeAddress(text)).toBe(normal)
  })

  it.each([
    '',
    ' ',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.4.',
    '.1.2.3.4',
    '1..2.3',
    '1.2.3.256',
    '1.2.3.1000',
    '01.2.3.4',
    '1.2.3.04',
    '1.2.3.00',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '2130706433',
    '127.1',
    '1.2.3.4 ',
    ' 1.2.3.4',
    '1.2.3.4\n',
    '1.2.3.4/32',
    '1.2.3.4:80',
    '+1.2.3.4',
    '-1.2.3.4',
    '1.2.3.\u0664',
    '\uff11.2.3.4',
    'localhost',
    ':',
    ':::',
    '::1::',
    '1:::2',
    ':1',
    '1:',
    ':1:2:3:4:5:6:7:8',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '::1:2:3:4:5:6:7:8',
    '1:2:3:4::5:6:7:8',
    '12345::',
    '00001::',
    'g::',
    '::1.2.3',
    '::1.2.3.4.5',
    '::01.2.3.4',
    '::1.2.3.256',
    '::1.2.3.4:1',
    '1.2.3.4::',
    '1:2:3:4:5:6:7:1.2.3.4',
    '::a.2.3.4',
    '[::1]',
    '::1/64',
    'fe80::1%',
    'fe80::1%eth 0',
    'fe80::1%eth0\n',
    'fe80::1%25%26',
    '%eth0',
    '1.2.3.4%eth0',
    `fe80::1%${'a'.repeat(200)}`,
    '0'.repeat(100_000),
    `::${':'.repeat(100_000)}`,
  ])('[SE-4] address: refuses %j', (text) => {
    expect(parseAddress(text)).toBeUndefined()
  })

  it.each([undefined, null, 7, {}, ['1.2.3.4']])('[SE-4] address: refuses %j, which is no text', (value) => {
    expect(parseAddress(value as string)).toBeUndefined()
  })

  it('[SE-4] address: keeps the zone and the words', () => {
    expect(parseAddress('fe80::1%eth0.1')).toEqual({
      family: 6,
      words: Uint32Array.of(0xfe800000, 0, 0, 1),
      zone: 'eth0.1',
    })
    expect(parseAddress('::ffff:192.0.2.1')).toEqual({
      family: 4,
      words: Uint32Array.of(0xc0000201),
      zone: undefined,
    })
  })

  it('[SE-4] address: takes what Node takes, and nothing else (property)', () => {
    const near = fc.string({ unit: fc.constantFrom(...'0125fF:::...g'), maxLength: 24 })
    fc.assert(
      fc.property(
        fc.oneof(
          near,
          ipv4,
          spelling.map(({ text }) => text),
        ),
        (text) => {
          expect(parseAddress(text) !== undefined).toBe(isIPv4(text) || isIPv6(text))
        },
      ),
      { numRuns: 5000 },
    )
  })

  it('[SE-4] address: all spellings of an address are one (property)', () => {
    fc.assert(
      fc.property(spelling, ({ groups, text }) => {
        const plain = groups.map((value) => value.toString(16)).join(':')
        expect(normalizeAddress(text)).toBe(normalizeAddress(plain))
        const normal = normalizeAddress(text) ?? ''
        expect(normalizeAddress(normal)).toBe(normal)
        // The URL parser of Node writes IPv6 as RFC 5952 does.
        if (normal.includes(':')) expect(`[${normal}]`).toBe(new URL(`http://[${plain}]`).hostname)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('blocks', () => {
  it.each([
    ['192.0.2.0/24', 4, 24, [0xc0000200], [0xc00002ff]],
    ['192.0.2.77/24', 4, 24, [0xc0000200], [0xc00002ff]],
    ['192.0.2.1', 4, 32, [0xc0000201], [0xc0000201]],
    ['0.0.0.0/0', 4, 0, [0], [0xffffffff]],
    ['128.0.0.0/1', 4, 1, [0x80000000], [0xffffffff]],
    ['::ffff:192.0.2.0/120', 4, 24, [0xc0000200], [0xc00002ff]],
    ['::ffff:0:0/96', 4, 0, [0], [0xffffffff]],
    ['::ffff:192.0.2.1', 4, 32, [0xc0000201], [0xc0000201]],
    ['2001:db8::/32', 6, 32, [0x20010db8, 0, 0, 0], [0x20010db8, 0xffffffff, 0xffffffff, 0xffffffff]],
    ['2001:db8::1/128', 6, 128, [0x20010db8, 0, 0, 1], [0x20010db8, 0, 0, 1]],
    ['2001:db8:1:2ff::/56', 6, 56, [0x20010db8, 0x00010200, 0, 0], [0x20010db8, 0x000102ff, 0xffffffff, 0xffffffff]],
    ['::/0', 6, 0, [0, 0, 0, 0], [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff]],
  ] as const)('[SE-4] address: reads the block %s', (text, family, prefix, first, last) => {
    expect(parseCidr(text)).toEqual({ family, prefix, first: Uint32Array.from(first), last: Uint32Array.from(last) })
  })

  it.each([
    '',
    '/',
    '/24',
    '192.0.2.0/',
    '192.0.2.0/33',
    '192.0.2.0/-1',
    '192.0.2.0/024',
    '192.0.2.0/24/24',
    '192.0.2.0/24 ',
    '192.0.2.0/ 24',
    '192.0.2.0/2e1',
    '192.0.2.0/0x8',
    '192.0.2.0/1.5',
    '192.0.2.0/255.255.255.0',
    '192.0.2/24',
    '2001:db8::/129',
    '2001:db8::/1000',
    '::ffff:192.0.2.0/24',
    '::ffff:0:0/95',
    'fe80::%eth0/64',
    'fe80::1%eth0',
    'example.com',
    'example.com/24',
    'loopback',
  ])('[SE-4] address: refuses the block %j', (text) => {
    expect(parseCidr(text)).toBeUndefined()
    expect(createAddressSet(['192.0.2.1', text])).toBeUndefined()
  })

  it('[SE-4] address: options name every entry that is no block', () => {
    const refused = () => addressSet('ipFilter', 'allow', ['192.0.2.1', '10.0.0.0/33', 'fe80::/64', 7])
    expect(refused).toThrow(ConfigError)
    expect(refused).toThrow('ipFilter: `allow[1]` must be an IP address or a CIDR block, got "10.0.0.0/33"')
    expect(refused).toThrow('`allow[3]`')
    expect(() => addressSet('ipFilter', 'allow', '192.0.2.1')).toThrow('ipFilter: `allow` must be a list')
    expect(addressSet('ipFilter', 'allow', ['192.0.2.1']).has('192.0.2.1')).toBe(true)
  })
})

describe('sets', () => {
  const set = createAddressSet([
    '10.0.0.0/8',
    '10.1.0.0/16',
    '10.1.2.3',
    '192.0.2.0/25',
    '192.0.2.128/25',
    '203.0.113.7',
    '203.0.113.7',
    '::ffff:198.51.100.0/120',
    '2001:db8::/32',
    '2001:db8:1::/48',
    'fe80::/10',
    '::1',
  ])!

  it.each([
    '10.0.0.0',
    '10.255.255.255',
    '10.1.2.3',
    '192.0.2.0',
    '192.0.2.127',
    '192.0.2.128',
    '192.0.2.255',
    '203.0.113.7',
    '::ffff:203.0.113.7',
    '::ffff:cb00:7107',
    '0:0:0:0:0:FFFF:203.0.113.7',
    '198.51.100.200',
    '2001:db8::',
    '2001:DB8:ffff:ffff:ffff:ffff:ffff:ffff',
    'fe80::1%eth0',
    'febf::1',
    '::1',
    '0:0:0:0:0:0:0:1',
    '::0.0.0.1',
  ])('[SE-4] address: the set holds %s', (address) => {
    expect(set.has(address)).toBe(true)
  })

  it.each([
    '9.255.255.255',
    '11.0.0.0',
    '192.0.1.255',
    '192.0.3.0',
    '203.0.113.6',
    '203.0.113.8',
    '198.51.101.0',
    '2001:db7:ffff:ffff:ffff:ffff:ffff:ffff',
    '2001:db9::',
    'fe7f::1',
    'fec0::1',
    '::',
    '::2',
    '::10.1.2.3',
    '10.0.0.1/8',
    '010.0.0.1',
    '',
    'localhost',
  ])('[SE-4] address: the set does not hold %j', (address) => {
    expect(set.has(address)).toBe(false)
  })

  it('[SE-4] address: the whole of one family holds nothing of the other', () => {
    const all4 = createAddressSet(['0.0.0.0/0'])!
    const all6 = createAddressSet(['::/0'])!
    for (const address of ['0.0.0.0', '255.255.255.255', '::ffff:1.2.3.4']) {
      expect([all4.has(address), all6.has(address)]).toEqual([true, false])
    }
    for (const address of ['::', '::1', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff']) {
      expect([all4.has(address), all6.has(address)]).toEqual([false, true])
    }
  })

  it('[SE-4] address: an empty set holds nothing', () => {
    const empty = createAddressSet([])!
    expect(empty.has('1.2.3.4')).toBe(false)
    expect(empty.has('::1')).toBe(false)
  })

  it('[SE-4] address: answers as the block list of Node does (property)', () => {
    const near4 = fc.tuple(fc.constantFrom(10, 192), fc.nat(1), octet, octet).map((octets) => octets.join('.'))
    const near6 = fc
      .tuple(fc.nat(3), fc.nat(0xffff), fc.nat(3))
      .map(([a, b, c]) => `2001:db8:${a}::${b.toString(16)}:${c}`)
    // With shorter prefixes Node's list holds mapped IPv4 addresses as well.
    const block = fc.oneof(fc.tuple(near4, fc.nat(32)), fc.tuple(near6, fc.integer({ min: 3, max: 128 })))
    fc.assert(
      fc.property(fc.array(block, { maxLength: 12 }), fc.array(fc.oneof(near4, near6)), (blocks, addresses) => {
        const list = new BlockList()
        for (const [address, prefix] of blocks) list.addSubnet(address, prefix, isIPv6(address) ? 'ipv6' : 'ipv4')
        const ours = createAddressSet(blocks.map(([address, prefix]) => `${address}/${prefix}`))!
        for (const address of addresses) {
          expect(ours.has(address)).toBe(list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4'))
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('[SE-4] address: finds the right one among a hundred thousand blocks', () => {
    const blocks = Array.from(
      { length: 100_000 },
      (_, index) => `10.${(index >> 8) & 255}.${index & 255}.${index >> 16}`,
    )
    const large = createAddressSet(blocks)!
    expect(large.has(blocks[77_777]!)).toBe(true)
    expect(large.has('10.0.0.255')).toBe(false)
  })
})

describe('keys', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::ffff:c000:201', '192.0.2.1'],
    ['::192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2ff:a:b:c:d', '2001:db8:1:200::/56'],
    ['2001:DB8:0001:02FF::', '2001:db8:1:200::/56'],
    ['fe80::1%eth0', 'fe80::/56'],
    ['::1', '::/56'],
    ['unknown', 'unknown'],
    ['a:b', 'a:b'],
    ['', ''],
  ])('[RL-2] address: %s is counted as %s', (address, key) => {
    expect(addressKey(address)).toBe(key)
    expect(ipKeyGenerator(address)).toBe(key)
  })

  it('[RL-2] address: the subnet can be chosen, and `undefined` is the default', () => {
    const address = '2001:db8:1:2ff:a:b:c:d'
    expect(addressKey(address, { ipv6Subnet: 64 })).toBe('2001:db8:1:2ff::/64')
    expect(addressKey(address, { ipv6Subnet: 48 })).toBe('2001:db8:1::/48')
    expect(addressKey(address, { ipv6Subnet: 128 })).toBe('2001:db8:1:2ff:a:b:c:d/128')
    expect(addressKey(address, { ipv6Subnet: undefined as never })).toBe('2001:db8:1:200::/56')
  })

  it('[RL-2] address: without a subnet all spellings still have one key', () => {
    for (const address of ['2001:db8::1', '2001:DB8:0:0:0:0:0:1', '2001:db8::0.0.0.1', '2001:db8::1%eth0']) {
      expect(addressKey(address, { ipv6Subnet: false })).toBe('2001:db8::1')
    }
  })

  it('[RL-2] address: gives the same keys as express-rate-limit (property)', () => {
    const any = fc.oneof(
      ipv4,
      ipv4.map((address) => `::ffff:${address}`),
      spelling.map(({ text }) => text),
    )
    fc.assert(
      fc.property(any, fc.integer({ min: 1, max: 128 }), (address, ipv6Subnet) => {
        expect(addressKey(address, { ipv6Subnet })).toBe(ipKeyGenerator(address, ipv6Subnet))
      }),
      { numRuns: 3000 },
    )
  })
})

describe('addresses that a server must not fetch from', () => {
  it.each([
    ['unspecified', '0.0.0.0'],
    ['this network', '0.1.2.3'],
    ['private', '10.0.0.1'],
    ['private', '172.16.0.1'],
    ['private', '172.31.255.255'],
    ['private', '192.168.1.1'],
    ['shared', '100.64.0.1'],
    ['shared', '100.127.255.255'],
    ['shared, metadata of a cloud', '100.100.100.200'],
    ['loopback', '127.0.0.1'],
    ['loopback', '127.255.255.254'],
    ['link-local, metadata of most clouds', '169.254.169.254'],
    ['a cloud service on a public number', '168.63.129.16'],
    ['protocol assignments, metadata of a cloud', '192.0.0.192'],
    ['documentation', '192.0.2.1'],
    ['documentation', '198.51.100.1'],
    ['documentation', '203.0.113.1'],
    ['6to4 relay', '192.88.99.1'],
    ['benchmarks', '198.18.0.1'],
    ['benchmarks', '198.19.255.255'],
    ['multicast', '224.0.0.1'],
    ['multicast', '239.255.255.255'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['unspecified', '::'],
    ['loopback', '::1'],
    ['loopback', '0000:0000:0000:0000:0000:0000:0000:0001'],
    ['loopback, mapped', '::ffff:127.0.0.1'],
    ['loopback, mapped', '::ffff:7f00:1'],
    ['private, mapped', '::ffff:10.0.0.1'],
    ['loopback, IPv4-compatible', '::127.0.0.1'],
    ['loopback, IPv4-translated', '::ffff:0:127.0.0.1'],
    ['public, IPv4-compatible', '::8.8.8.8'],
    ['loopback by NAT64', '64:ff9b::127.0.0.1'],
    ['metadata by NAT64', '64:ff9b::a9fe:a9fe'],
    ['NAT64 of one\u2019s own', '64:ff9b:1::8.8.8.8'],
    ['loopback by 6to4', '2002:7f00:1::'],
    ['private by 6to4', '2002:a00:1::1'],
    ['private by 6to4', '2002:c0a8:101::1'],
    ['metadata by 6to4', '2002:a9fe:a9fe::'],
    ['Teredo', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
    ['Teredo around a private address', '2001::f5ff:fffe'],
    ['ORCHID', '2001:20::1'],
    ['benchmarks', '2001:2::1'],
    ['documentation', '2001:db8::1'],
    ['documentation', '3fff::1'],
    ['discard', '100::1'],
    ['unique local', 'fc00::1'],
    ['unique local', 'fd00:ec2::254'],
    ['link-local', 'fe80::1'],
    ['link-local with a zone', 'fe80::1%eth0'],
    ['site-local', 'fec0::1'],
    ['multicast', 'ff02::1'],
    ['segment routing', '5f00::1'],
    ['given back', '3ffe::1'],
    ['not handed out', '4000::1'],
    ['not handed out', '1fff::1'],
    ['no address', 'localhost'],
    ['no address', ''],
    ['no address', '0x7f000001'],
    ['no address', '127.1'],
    ['no address', '0177.0.0.1'],
    ['no address', '[::1]'],
  ])('[VA-5] address: keeps away from %s: %s', (_kind, address) => {
    expect(isPrivateAddress(address)).toBe(true)
  })

  it.each([
    '1.1.1.1',
    '8.8.8.8',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.0',
    '168.63.129.17',
    '169.253.255.255',
    '169.255.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.0.1.1',
    '192.0.3.1',
    '192.31.196.1',
    '192.167.255.255',
    '192.169.0.0',
    '198.17.255.255',
    '198.20.0.0',
    '223.255.255.255',
    '::ffff:8.8.8.8',
    '::ffff:808:808',
    '2000::1',
    '2001:200::1',
    '2001:4860:4860::8888',
    '2606:4700:4700::1111',
    '2a00:1450:4001:80b::200e',
    '2002:808:808::1',
    '64:ff9b::8.8.8.8',
    '2001:db7:ffff::1',
    '2001:db9::1',
    '3ffd::1',
    '3fff:1000::1',
  ])('[VA-5] address: %s is out in the world', (address) => {
    expect(isPrivateAddress(address)).toBe(false)
  })

  it('[VA-5] address: an embedded address is judged as it would be alone (property)', () => {
    fc.assert(
      fc.property(ipv4, (address) => {
        const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number)
        const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
        const alone = isPrivateAddress(address)
        expect(isPrivateAddress(`::ffff:${hex}`)).toBe(alone)
        expect(isPrivateAddress(`64:ff9b::${address}`)).toBe(alone)
        expect(isPrivateAddress(`2002:${hex}::1`)).toBe(alone)
      }),
    )
  })

  it('[VA-5] address: loopback is told from other private addresses', () => {
    for (const address of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) {
      expect(isLoopbackAddress(address)).toBe(true)
    }
    for (const address of ['10.0.0.1', '::', '0.0.0.0', 'localhost', '128.0.0.1', '::2']) {
      expect(isLoopbackAddress(address)).toBe(false)
    }
  })
})
