package scripts

// What shell commands copy, and what they remove for good.

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
)

// dumps are the commands that write a copy of a database or a volume, with the subcommand or option that does where
// the program has others.
var dumps = map[string]string{
	"pg_dump": "", "pg_dumpall": "", "pg_basebackup": "", "mysqldump": "", "mariadb-dump": "", "mariabackup": "", "xtrabackup": "", "mongodump": "",
	"mongoexport": "", "slapcat": "", "restic": "backup", "borg": "create", "etcdctl": "snapshot", "redis-cli": "--rdb|BGSAVE|SAVE", "sqlite3": ".backup|.dump|VACUUM INTO",
	"influx": "backup", "influxd": "backup", "cockroach": "dump", "clickhouse-backup": "create", "zfs": "send|snapshot", "lvcreate": "-s|--snapshot", "btrfs": "snapshot",
	"neo4j-admin": "dump|backup", "velero": "backup", "wal-g": "backup-push", "pgbackrest": "backup|--type", "barman": "backup", "rabbitmqctl": "export_definitions",
	"aws": "create-db-snapshot|create-db-cluster-snapshot|create-snapshot|create-backup|create-image", "gcloud": "snapshot|backups|export", "az": "backup|snapshot", "vzdump": "", "tarsnap": "",
}

// copiesAll says whether a command writes a copy of what is there.
func copiesAll(words []string) bool {
	need, ok := dumps[name(words)]
	if !ok {
		return false
	}
	if need == "" {
		return true
	}
	for _, n := range strings.Split(need, "|") {
		if slices.ContainsFunc(words[1:], func(w string) bool { return w == n || strings.HasPrefix(w, n) }) {
			return true
		}
	}
	return false
}

// carried are the sources of a command that carries files elsewhere, none for other commands.
func carried(words []string) []string {
	args := operands(words)
	switch name(words) {
	case "rsync", "scp", "cp", "rclone", "azcopy", "mc", "b2", "s3cmd", "gsutil", "aws", "gcloud", "sftp":
		switch {
		case name(words) == "aws" && (len(args) < 4 || args[0] != "s3" || args[1] != "cp" && args[1] != "sync"):
			return nil
		case len(args) < 2:
			return nil
		}
		return args[:len(args)-1]
	case "tar":
		if len(words) > 2 && (strings.HasPrefix(strings.TrimLeft(words[1], "-"), "c") || slices.Contains(words, "--create")) {
			return args
		}
	case "zip", "7z":
		return args[min(1, len(args)):]
	case "curl":
		for i, w := range words[:len(words)-1] {
			if w == "-T" || w == "--upload-file" || w == "--data-binary" || w == "-F" {
				return []string{strings.TrimPrefix(words[i+1][strings.IndexByte(words[i+1], '=')+1:], "@")}
			}
		}
	}
	return nil
}

var (
	losesSQL  = lazy.New(`(?i)\b(drop\s+(database|schema|table)|truncate|delete\s+from)\b`)
	copiesSQL = lazy.New(`(?i)\binsert\s+into\b[^;]*\bselect\b|\bcreate\s+table\b[^;]*\bas\s+select\b|\bcopy\b[^;]*\bto\b|\brename\s+to\b`)
	tempPath  = lazy.New(`(?i)(^|/)(te?mp|var/tmp|\.cache|cache|build|dist|target|node_modules|out|work|scratch)(/|$)|^` + freshHole)
)

// removes are the targets of a command that removes for good, and whether it is one at all.
func removesFor(words []string) ([]string, bool) {
	args := operands(words)
	switch name(words) {
	case "rm", "unlink", "shred", "srm":
		return args, true
	case "find":
		if slices.Contains(words, "-delete") || slices.Contains(words, "rm") {
			if len(args) > 0 {
				return args[:1], true
			}
			return []string{"."}, true
		}
	case "xargs":
		if slices.Contains(words, "rm") {
			return nil, true
		}
	case "dropdb":
		return args, true
	case "aws":
		if len(args) > 2 && args[0] == "s3" && args[1] == "rm" {
			return args[2:], true
		}
	case "gsutil", "s3cmd", "mc", "rclone":
		if len(args) > 1 && (args[0] == "rm" || args[0] == "del" || args[0] == "delete" || args[0] == "purge") {
			return args[1:], true
		}
	case "restic", "borg":
		if len(args) > 0 && (args[0] == "forget" || args[0] == "prune" || args[0] == "delete") {
			return args[1:], true
		}
	case "zfs", "lvremove":
		if name(words) == "lvremove" || len(args) > 1 && args[0] == "destroy" {
			return args, true
		}
	}
	return nil, false
}

// sameFile says whether a removed path is a copied one, or what is in it.
func sameFile(removed, copied string) bool {
	trim := func(p string) string {
		p = strings.TrimSuffix(strings.TrimSuffix(p, "*"), "/")
		return strings.TrimSuffix(strings.TrimSuffix(p, "/."), "/")
	}
	a, b := trim(removed), trim(copied)
	return a != "" && a != hole && strings.Trim(a, "./") != "" && (a == b || strings.HasPrefix(a, b+"/") && b != "")
}
