import { charCodeAt } from '@hardening/core'

/** What a word means to the grammar. A word that is not listed is a name. */
export const WordClass = {
  name: 0,
  /** AND, OR, XOR */
  logic: 1,
  /** UNION, INTERSECT, EXCEPT, MINUS */
  setOperation: 2,
  select: 3,
  /** Comparison in words: LIKE, RLIKE, IN, IS, BETWEEN */
  comparison: 4,
  /** Operator in words that is no comparison: DIV, MOD, COLLATE */
  operator: 5,
  not: 6,
  /** NULL, TRUE, CURRENT_USER */
  constant: 7,
  /** ORDER, GROUP, PARTITION: want BY */
  orderGroup: 8,
  by: 9,
  having: 10,
  limit: 11,
  from: 12,
  where: 13,
  into: 14,
  join: 15,
  as: 16,
  case: 17,
  when: 18,
  then: 19,
  else: 20,
  end: 21,
  /** ALL, DISTINCT */
  quantifier: 22,
  /** EXISTS, ANY, SOME, BINARY, PRIOR: stand before an operand */
  prefix: 23,
  /** ASC, DESC */
  direction: 24,
  /** A verb that begins a statement */
  statement: 25,
  procedure: 26,
  values: 27,
  /** INTERVAL, DATE ... followed by a literal */
  for: 28,
  using: 29,
} as const

function setOf(words: string): ReadonlySet<string> {
  return new Set(words.split(/\s+/).filter((word) => word !== ''))
}

const classOf = new Map<string, number>()

function add(kind: number, words: string): void {
  for (const word of words.split(' ')) classOf.set(word, kind)
}

add(WordClass.logic, 'and or xor')
add(WordClass.setOperation, 'union intersect except minus')
add(WordClass.select, 'select')
add(
  WordClass.comparison,
  'like rlike regexp ilike glob in is between sounds similar isnull notnull overlaps match against',
)
add(WordClass.operator, 'div mod collate escape')
add(WordClass.not, 'not')
add(
  WordClass.constant,
  'null true false default unknown current_user current_date current_time current_timestamp session_user system_user sysdate rownum localtime localtimestamp user',
)
add(WordClass.orderGroup, 'order group partition')
add(WordClass.by, 'by')
add(WordClass.having, 'having')
add(WordClass.limit, 'limit offset fetch')
add(WordClass.from, 'from')
add(WordClass.where, 'where')
add(WordClass.into, 'into')
add(WordClass.join, 'join inner left right full outer cross natural straight_join')
add(WordClass.as, 'as')
add(WordClass.case, 'case')
add(WordClass.when, 'when')
add(WordClass.then, 'then')
add(WordClass.else, 'else')
add(WordClass.end, 'end')
add(WordClass.quantifier, 'all distinct distinctrow top sql_no_cache sql_cache high_priority')
add(WordClass.prefix, 'exists any some binary prior interval row array')
add(WordClass.direction, 'asc desc nulls')
add(
  WordClass.statement,
  'insert update delete drop create alter truncate exec execute declare set shutdown grant revoke merge replace call do handler load copy attach detach pragma begin commit rollback waitfor if while print raiserror use show describe explain analyze vacuum kill backup restore reconfigure dbcc bulk rename lock savepoint prepare deallocate open start deny go with return',
)
add(WordClass.procedure, 'procedure')
add(WordClass.values, 'values')
add(WordClass.for, 'for')
add(WordClass.using, 'using on')

/** Every word that has a class. */
export function sqlWords(): Iterable<string> {
  return classOf.keys()
}

const slotMask = 1023
/** Where a word stands in the list of all, plus one, by its hash; what collides takes the next place. */
const slots = new Uint16Array(slotMask + 1)
const listed: readonly (readonly [word: string, kind: number])[] = [...classOf]
let longestListed = 0
for (const [index, [word]] of listed.entries()) {
  longestListed = Math.max(longestListed, word.length)
  let slot = slotOf(word, 0, word.length)
  while (slots[slot] !== 0) slot = (slot + 1) & slotMask
  slots[slot] = index + 1
}

function slotOf(text: string, from: number, to: number): number {
  let hash = to - from
  for (let at = from; at < to; at++) hash = (Math.imul(hash, 31) + (charCodeAt(text, at) | 32)) | 0
  return (hash ^ (hash >>> 10)) & slotMask
}

/** Class of the word of letters and underscores from `from` to `to`, in any case. Copies nothing. */
export function classOfWordAt(text: string, from: number, to: number): number {
  if (to - from > longestListed) return WordClass.name
  for (let slot = slotOf(text, from, to); slots[slot] !== 0; slot = (slot + 1) & slotMask) {
    const [word, kind] = listed[(slots[slot] as number) - 1] as readonly [string, number]
    if (word.length === to - from && isSame(word, text, from)) return kind
  }
  return WordClass.name
}

function isSame(word: string, text: string, from: number): boolean {
  for (let at = 0; at < word.length; at++) {
    if ((charCodeAt(word, at) | 32) !== (charCodeAt(text, from + at) | 32)) return false
  }
  return true
}

/** Class of a lower-case word. */
export function classOfWord(word: string): number {
  return classOf.get(word) ?? WordClass.name
}

/** Words that may follow a number without a space between. */
export const gluedWords: ReadonlySet<string> = setOf(
  `and or xor union like div mod order group having limit where is in rlike regexp between intersect except minus into
  from select as`,
)

/** Functions that no ordinary value of a form calls: they wait, fail with data, read files, or reach out. */
export const dangerousFunctions: ReadonlySet<string> = setOf(
  `sleep benchmark pg_sleep pg_sleep_for pg_sleep_until get_lock extractvalue updatexml load_file sys_eval sys_exec
  xp_cmdshell openrowset opendatasource openquery pg_read_file pg_ls_dir pg_read_binary_file lo_import lo_export dblink
  dblink_connect query_to_xml database_to_xml randomblob zeroblob load_extension name_const gtid_subset gtid_subtract
  utl_inaddr.get_host_address utl_inaddr.get_host_name utl_http.request httpuritype dbms_pipe.receive_message
  dbms_lock.sleep dbms_session.sleep dbms_xmlgen.getxml dbms_ldap.init dbms_java.runjava ctxsys.drithsx.sn
  dbms_utility.sqlid_to_sqlhash fn_varbintohexstr master.dbo.fn_varbintohexstr fn_trace_gettable fn_get_audit_file
  fn_xe_file_target_read_file pg_stat_file xmltype fts3_tokenizer analyse current_setting`,
)

/** Functions that tell about the database itself, or gather rows into one value. */
export const tellingFunctions: ReadonlySet<string> = setOf(
  `version database schema db_name suser_sname suser_name is_srvrolemember is_member host_name has_dbaccess user_name
  object_id object_name col_name current_database current_schema inet_server_addr pg_backend_pid connection_id
  found_rows row_count last_insert_id last_insert_rowid sqlite_version session_user system_user user current_user
  generate_series group_concat string_agg listagg wm_concat array_agg xmlagg json_arrayagg json_keys make_set elt exp
  regexp_like rawtohex hextoraw sys_context userenv dump crypt_key aes_decrypt des_decrypt to_base64 row`,
)

/** Functions that a value is taken apart or put together with. */
export const commonFunctions: ReadonlySet<string> = setOf(
  `char chr nchar unichr concat concat_ws substring substr mid left right ascii ord unicode hex unhex bin oct length len
  char_length character_length octet_length bit_length count sum avg min max cast convert coalesce ifnull isnull nvl nvl2
  nullif iif if lower upper lcase ucase ltrim rtrim trim lpad rpad reverse replace repeat space instr locate position
  charindex patindex stuff quotename soundex difference md5 sha sha1 sha2 password old_password encrypt compress
  uncompress floor ceil ceiling round rand random abs sign mod pow power sqrt now sysdate getdate user current_user
  session_user system_user to_char to_number to_date rawtohex hextoraw decode translate regexp_replace regexp_substr
  quote quote_literal quote_ident encode to_base64 from_base64 json_extract json_value json_object xmlelement strcmp
  bitand greatest least isnumeric typeof printf glob likelihood dump exists any greatest tochar datediff dateadd
  benchmark sha256 digest field find_in_set export_set format format_number conv inet_aton inet_ntoa uuid newid
  row_number rank isnull instr2 datalength try_convert try_cast db_id xpath array_length field elt pi octet_length timestampdiff period_diff sleep polygon multipoint linestring st_latfromgeohash geometrycollection interval count_big checksum json_contains json_length json_valid st_geomfromtext`,
)

/** Names that only the catalogue of a database has. */
const systemNames = setOf(
  `information_schema sysobjects syscolumns sysusers syslogins sysdatabases sysibm syscat systables pg_catalog pg_user
  pg_shadow pg_database pg_class pg_attribute pg_roles pg_stat_activity pg_tables all_tables all_tab_columns
  all_users all_objects user_tables user_tab_columns user_objects user_catalog dba_users dba_tables dba_tab_columns
  v$version v$instance v$database v$session sqlite_master sqlite_schema sqlite_temp_master msysobjects msysaces
  msysqueries sys.tables sys.columns sys.objects sys.databases mysql.user mysql.innodb_table_stats
  mysql.db rdb$database rdb$relations rdb$fields master..sysobjects performance_schema innodb_table_stats
  column_name table_name table_schema schemata schema_name xp_cmdshell dbms_pipe dbms_lock utl_http utl_inaddr
  dbms_java dbms_scheduler dbms_xmlgen utl_file utl_smtp dbms_export_extension dbms_output ctxsys nls_charset_name sp_password
  sp_executesql sp_oacreate sp_oamethod sp_oagetproperty sp_configure sp_addlogin sp_addextendedproc sp_addsrvrolemember
  sp_makewebtask sp_helptext sp_helpdb sp_who sp_replwritetovarbin sp_start_job sp_add_job sp_droplogin sp_grantdbaccess
  sp_addlinkedserver sp_linkedservers sp_tables sp_columns sp_databases sp_spaceused sp_attach_single_file_db`,
)

/** Whether a name belongs to a database's own catalogue or to its stored procedures. */
export function isSystemName(word: string): boolean {
  if (systemNames.has(word)) return true
  return word.length > 5 && word.startsWith('xp_')
}
