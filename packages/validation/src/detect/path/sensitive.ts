const sensitive =
  /(?:\/|\\|^)(?:etc[/\\]+(?:passwd|shadow|group|hosts|issue|sudoers|crontab|ssh|apache2|nginx|mysql|fstab|hostname|motd|services|profile|inetd\.conf|exports|networks|protocols|os-release|lsb-release|debian_version|redhat-release|httpd|php|resolv\.conf)|proc[/\\]+(?:self|\d+|version|cpuinfo|mounts|net)|var[/\\]+(?:log|lib[/\\]+mysql|run[/\\]+secrets)|root[/\\]+\.|windows[/\\]+(?:win\.ini|system32|system\.ini|repair|panther)|winnt[/\\]+|boot\.ini|web-inf[/\\]|meta-inf[/\\]|\.ssh[/\\]|\.aws[/\\]|\.git[/\\](?:config|head|index)|\.svn[/\\]|\.htpasswd|\.htaccess|id_rsa|wp-config\.php|\.bash_history|\.env$|inetpub[/\\]+(?:wwwroot|logs)|web\.config$|global\.asax?$)|\bwin\.ini\b|\bboot\.ini\b/i

/** Whether a path names a file that only an attacker asks for by path. */
export function isSensitiveFile(text: string): boolean {
  return sensitive.test(text)
}
