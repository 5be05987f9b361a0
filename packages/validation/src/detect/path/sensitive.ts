const sensitive =
  /(?:\/|\\|^)(?:etc[/\\]{1,2}(?:passwd|shadow|group|hosts|issue|sudoers|crontab|ssh|apache2|nginx|mysql|fstab|hostname|motd|services|profile|inetd\.conf|exports|networks|protocols|os-release|lsb-release|debian_version|redhat-release|httpd|php|resolv\.conf)|proc[/\\]{1,2}(?:self|\d{1,9}|version|cpuinfo|mounts|net)|var[/\\]{1,2}(?:log|lib[/\\]{1,2}mysql|run[/\\]{1,2}secrets)|root[/\\]{1,2}\.|windows[/\\]{1,2}(?:win\.ini|system32|system\.ini|repair|panther)|winnt[/\\]{1,2}|boot\.ini|web-inf[/\\]|meta-inf[/\\]|\.ssh[/\\]|\.aws[/\\]|\.git[/\\](?:config|head|index)|\.svn[/\\]|\.htpasswd|\.htaccess|id_rsa|wp-config\.php|\.bash_history|\.env$|inetpub[/\\]{1,2}(?:wwwroot|logs)|web\.config$|global\.asax?$)|\bwin\.ini\b|\bboot\.ini\b/i

/** Whether a path names a file that only an attacker asks for by path. */
export function isSensitiveFile(text: string): boolean {
  return sensitive.test(text)
}
