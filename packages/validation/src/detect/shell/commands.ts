function setOf(words: string): ReadonlySet<string> {
  return new Set(words.split(/\s+/).filter((word) => word !== ''))
}

/** Programs an attacker runs whose names are no words of prose. */
export const plainCommands: ReadonlySet<string> = setOf(
  `whoami uname curl wget netcat ncat bash zsh ksh csh tcsh busybox nslookup ifconfig ipconfig netstat chmod chown chattr
  mkfifo mknod rm rmdir mv cp ln tee xargs awk gawk sed perl python python2 python3 ruby php lua node socat telnet tftp
  scp sftp rsync ssh openssl base64 xxd hexdump certutil bitsadmin powershell pwsh cmd cmd.exe powershell.exe mshta rundll32
  regsvr32 wmic cscript wscript schtasks systeminfo tasklist taskkill net1 nmap tcpdump gcc mkdir rpm dpkg apt-get yum
  crontab useradd usermod passwd sudo su nohup setsid lsof strace gdb mysql psql mongo redis-cli sqlite3 docker kubectl
  printenv hostname ps ls pwd ping ping6 traceroute tracert dig iptables getent lsb_release lscpu uptime fsutil icacls
  attrib cacls findstr nc nc.exe nc.traditional sh dash ash eval exec/`,
)

/** Programs whose names are words too: what follows them has to look like arguments, or nothing may follow. */
export const wordlyCommands: ReadonlySet<string> = setOf(
  `cat id head tail more less sort find grep egrep fgrep env set dir type echo printf sleep kill touch test who w last host
  file install make git tar zip unzip gzip split nl tac rev cut paste strings od stat mount df du free top date cal man
  ftp net start timeout shutdown reboot halt init service systemctl source export alias read time watch wait exec eval
  command del copy move ren format ver vol tree more at reg sc query finger mail sendmail vi vim nano ed ex dd lp look
  diff cmp comm join fold expand jobs bg fg trap ulimit umask write wall talk`,
)

/** Those of them that are of use without arguments. */
export const loneCommands: ReadonlySet<string> = setOf('id env set dir w who ver df date free top last reboot')
